//! The table of rights of a room as it is made: every deed of everybody. Its form is told in `rights_cases`.

pub const AS_MADE: &str = "
room.update_settings owner admin: ok; moderator: forbidden room.settings role:moderator
  allowed: forbidden room.settings ceiling:member; member muted denied: forbidden room.settings role:member
  guest: forbidden room.settings role:guest; outside: not_a_member
room.update_settings:blind inside: precondition_required; outside: not_a_member
room.update_settings:everyone owner admin: nothing; moderator: forbidden room.settings role:moderator
  allowed: forbidden room.settings ceiling:member; member muted denied: forbidden room.settings role:member
  guest: forbidden room.settings role:guest; outside: not_a_member
room.update_settings:of_members owner admin: ok; moderator: forbidden room.settings role:moderator
  allowed: forbidden room.settings ceiling:member; member muted denied: forbidden room.settings role:member
  guest: forbidden room.settings role:guest; outside: not_a_member
room.update_settings:of_admins owner: ok; admin: forbidden room.settings rank:admin
  moderator: forbidden room.settings role:moderator; allowed: forbidden room.settings ceiling:member
  member muted denied: forbidden room.settings role:member; guest: forbidden room.settings role:guest
  outside: not_a_member
room.set_join_rule owner admin: ok; moderator: forbidden room.join_rule role:moderator
  member muted allowed denied: forbidden room.join_rule role:member; guest: forbidden room.join_rule role:guest
  outside: not_a_member
room.set_join_rule:blind inside: precondition_required; outside: not_a_member
room.transfer owner: ok; admin: forbidden room.transfer role:admin; moderator: forbidden room.transfer role:moderator
  member muted allowed denied: forbidden room.transfer role:member; guest: forbidden room.transfer role:guest
  outside: not_a_member
room.accept_transfer inside: no_transfer; outside: not_a_member
room.accept_transfer:offered moderator: ok; owner admin member guest muted allowed denied: no_transfer
  outside: not_a_member
room.close owner: ok; admin: forbidden room.close role:admin; moderator: forbidden room.close role:moderator
  member muted allowed denied: forbidden room.close role:member; guest: forbidden room.close role:guest
  outside: not_a_member
room.reopen owner: nothing; admin: forbidden room.close role:admin; moderator: forbidden room.close role:moderator
  member muted allowed denied: forbidden room.close role:member; guest: forbidden room.close role:guest
  outside: not_a_member
room.expel_guests owner admin moderator allowed: ok; member muted denied: forbidden members.kick role:member
  guest: forbidden members.kick role:guest; outside: not_a_member
member.join inside: nothing; banned: banned; kicked: cooldown; knocking stranger: ok
member.join:password inside: nothing; banned: banned; kicked: cooldown; knocking stranger: ok
member.join:wrong inside: nothing; banned: banned; kicked: cooldown; knocking stranger: ok
member.join:invite inside: nothing; banned: banned; kicked: cooldown; knocking stranger: ok
member.join:forged inside: nothing; banned: banned; kicked: cooldown; knocking stranger: invalid_invite
member.leave owner: owner_cannot_leave; admin moderator member guest muted allowed denied: ok; outside: not_a_member
member.approve owner admin moderator: ok; member muted allowed denied: forbidden members.review role:member
  guest: forbidden members.review role:guest; outside: not_a_member
member.approve:nobody owner admin moderator: knock_not_found
  member muted allowed denied: forbidden members.review role:member; guest: forbidden members.review role:guest
  outside: not_a_member
member.reject owner admin moderator: ok; member muted allowed denied: forbidden members.review role:member
  guest: forbidden members.review role:guest; outside: not_a_member
member.kick owner admin moderator allowed: ok; member muted denied: forbidden members.kick role:member
  guest: forbidden members.kick role:guest; outside: not_a_member
member.kick:moderator owner admin: ok; moderator: forbidden members.kick rank:moderator
  allowed: forbidden members.kick rank:member; member muted denied: forbidden members.kick role:member
  guest: forbidden members.kick role:guest; outside: not_a_member
member.kick:owner owner: forbidden members.kick rank:owner; admin: forbidden members.kick rank:admin
  moderator: forbidden members.kick rank:moderator; allowed: forbidden members.kick rank:member
  member muted denied: forbidden members.kick role:member; guest: forbidden members.kick role:guest
  outside: not_a_member
member.ban owner admin moderator: ok; allowed: forbidden members.ban ceiling:member
  member muted denied: forbidden members.ban role:member; guest: forbidden members.ban role:guest
  outside: not_a_member
member.ban:admin owner: ok; admin: forbidden members.ban rank:admin; moderator: forbidden members.ban rank:moderator
  allowed: forbidden members.ban ceiling:member; member muted denied: forbidden members.ban role:member
  guest: forbidden members.ban role:guest; outside: not_a_member
member.ban:stranger owner admin moderator: ok; allowed: forbidden members.ban ceiling:member
  member muted denied: forbidden members.ban role:member; guest: forbidden members.ban role:guest
  outside: not_a_member
member.unban owner admin moderator: ok; allowed: forbidden members.ban ceiling:member
  member muted denied: forbidden members.ban role:member; guest: forbidden members.ban role:guest
  outside: not_a_member
member.mute owner admin moderator: ok; member muted allowed denied: forbidden members.mute role:member
  guest: forbidden members.mute role:guest; outside: not_a_member
member.mute:self owner: forbidden members.mute rank:owner; admin: forbidden members.mute rank:admin
  moderator: forbidden members.mute rank:moderator
  member muted allowed denied: forbidden members.mute role:member; guest: forbidden members.mute role:guest
  outside: not_a_member
member.unmute owner admin moderator: ok; member muted allowed denied: forbidden members.mute role:member
  guest: forbidden members.mute role:guest; outside: not_a_member
member.unmute:nobody owner admin moderator: nothing; member muted allowed denied: forbidden members.mute role:member
  guest: forbidden members.mute role:guest; outside: not_a_member
member.set_role owner admin: ok; moderator: forbidden roles.assign role:moderator
  member muted allowed denied: forbidden roles.assign role:member; guest: forbidden roles.assign role:guest
  outside: not_a_member
member.set_role:to_admin owner: ok; admin: forbidden roles.assign rank:admin
  moderator: forbidden roles.assign role:moderator
  member muted allowed denied: forbidden roles.assign role:member; guest: forbidden roles.assign role:guest
  outside: not_a_member
member.override_permissions owner admin: ok; moderator: forbidden permissions.override role:moderator
  member muted allowed denied: forbidden permissions.override role:member
  guest: forbidden permissions.override role:guest; outside: not_a_member
member.override_permissions:close owner: ok; admin: forbidden room.close role:admin
  moderator: forbidden permissions.override role:moderator
  member muted allowed denied: forbidden permissions.override role:member
  guest: forbidden permissions.override role:guest; outside: not_a_member
member.override_permissions:self owner: forbidden permissions.override rank:owner
  admin: forbidden permissions.override rank:admin; moderator: forbidden permissions.override role:moderator
  member muted allowed denied: forbidden permissions.override role:member
  guest: forbidden permissions.override role:guest; outside: not_a_member
member.override_permissions:blind inside: precondition_required; outside: not_a_member
invite.create owner admin moderator member muted allowed: ok; denied: forbidden members.invite member_override
  guest: forbidden members.invite role:guest; outside: not_a_member
invite.create:moderator owner admin: ok; moderator: forbidden members.invite rank:moderator
  member muted allowed: forbidden members.invite rank:member; denied: forbidden members.invite member_override
  guest: forbidden members.invite role:guest; outside: not_a_member
live.create_key owner admin moderator: ok; allowed: forbidden live.publish role:member
  member muted denied: forbidden live.publish role:member; guest: forbidden live.publish role:guest; outside: not_a_member
live.revoke_key owner admin moderator: ok; member muted allowed denied: forbidden live.stop role:member
  guest: forbidden live.stop role:guest; outside: not_a_member
live.stop owner admin moderator: nothing; member muted allowed denied: forbidden live.stop role:member
  guest: forbidden live.stop role:guest; outside: not_a_member
invite.revoke owner admin moderator: ok; member muted allowed denied: forbidden members.review role:member
  guest: forbidden members.review role:guest; outside: not_a_member
playlist.add owner admin moderator member muted allowed: ok; denied: forbidden queue.add member_override
  guest: forbidden queue.add role:guest; outside: not_a_member
playlist.update:own owner admin moderator member muted allowed: ok; denied: forbidden queue.edit_own member_override
  guest: forbidden queue.edit_own role:guest; outside: not_a_member
playlist.update:theirs owner admin moderator allowed: ok; member muted denied: forbidden queue.edit_any role:member
  guest: forbidden queue.edit_any role:guest; outside: not_a_member
playlist.move:own owner admin moderator member muted allowed: ok; denied: forbidden queue.edit_own member_override
  guest: forbidden queue.edit_own role:guest; outside: not_a_member
playlist.move:theirs owner admin moderator allowed: ok; member muted denied: forbidden queue.edit_any role:member
  guest: forbidden queue.edit_any role:guest; outside: not_a_member
playlist.remove:own owner admin moderator member muted allowed: ok; denied: forbidden queue.edit_own member_override
  guest: forbidden queue.edit_own role:guest; outside: not_a_member
playlist.remove:theirs owner admin moderator allowed: ok; member muted denied: forbidden queue.edit_any role:member
  guest: forbidden queue.edit_any role:guest; outside: not_a_member
playlist.clear owner admin moderator: ok; member muted allowed denied: forbidden queue.clear role:member
  guest: forbidden queue.clear role:guest; outside: not_a_member
playback.play owner admin moderator member muted allowed: ok; denied: forbidden playback.control member_override
  guest: forbidden playback.control role:guest; outside: not_a_member
playback.pause owner admin moderator member muted allowed: ok; denied: forbidden playback.control member_override
  guest: forbidden playback.control role:guest; outside: not_a_member
playback.seek owner admin moderator member muted allowed: ok; denied: forbidden playback.control member_override
  guest: forbidden playback.control role:guest; outside: not_a_member
playback.set_rate owner admin moderator member muted allowed denied: ok; guest: forbidden playback.rate role:guest
  outside: not_a_member
playback.set_mode owner admin moderator member muted allowed denied: ok; guest: forbidden playback.navigate role:guest
  outside: not_a_member
playback.select_item owner admin moderator member muted allowed denied: ok
  guest: forbidden playback.navigate role:guest; outside: not_a_member
playback.next owner admin moderator member muted allowed denied: ok; guest: forbidden playback.navigate role:guest
  outside: not_a_member
playback.previous owner admin moderator member muted allowed denied: ok; guest: forbidden playback.navigate role:guest
  outside: not_a_member
ready.start owner admin moderator member muted allowed: ok; denied: forbidden playback.control member_override
  guest: forbidden playback.control role:guest; outside: not_a_member
ready.mark inside: ok; outside: not_a_member
ready.mark:unasked inside: no_ready_check; outside: not_a_member
ready.cancel owner admin moderator member muted allowed: ok; denied: forbidden playback.control member_override
  guest: forbidden playback.control role:guest; outside: not_a_member
chat.post owner admin moderator member guest allowed: ok; muted: forbidden chat.send muted
  denied: forbidden chat.send member_override; outside: not_a_member
chat.edit:own owner admin moderator member guest allowed: ok; muted: forbidden chat.send muted
  denied: forbidden chat.send member_override; outside: not_a_member
chat.edit:theirs owner admin moderator member guest allowed: forbidden chat.edit own; muted: forbidden chat.send muted
  denied: forbidden chat.send member_override; outside: not_a_member
chat.redact:own inside: ok; outside: not_a_member
chat.redact:theirs owner admin moderator allowed: ok; member muted denied: forbidden chat.delete_any role:member
  guest: forbidden chat.delete_any role:guest; outside: not_a_member
chat.react owner admin moderator member guest allowed denied: ok; muted: forbidden chat.react muted; outside: not_a_member
";

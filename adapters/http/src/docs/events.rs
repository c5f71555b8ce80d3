//! What happened: the `data` of each event.

use super::shape::Kind::{Bool, List, Of, OrNull, Text};
use super::shape::{Entry, Field, entry, may, need};

const MEMBER: Field = need("member", Of("ActorId"), "Whom it is about.");
const ITEM: Field = need("item_id", Of("ItemId"), "The item.");
const BEHIND: Field = need("after", OrNull("ItemId"), "The item in front of it; null at the beginning.");
const MESSAGE: Field = need("message_id", Of("MessageId"), "The message.");
const AUTHOR: Field = need("author", Of("ActorId"), "Who wrote it.");
const REASON: Field = may("reason", OrNull("Reason"), "Why; null once the person was erased.");
const TEXT: Field = need("text", OrNull("ChatText"), "What it says; null once the author was erased.");

/// Playback as it is from then on, and what else its event tells.
macro_rules! motion {
    ($($more:expr),* $(,)?) => {
        &[
            need("item_id", OrNull("ItemId"), "The current item."),
            need("position_ms", Of("MediaMs"), "Where it is at the anchor."),
            need("anchor_ms", Of("ServerMs"), "When it is there; ahead of now for a scheduled start."),
            need("rate_permille", Of("RatePermille"), "How fast it moves while it plays."),
            need("playing", Bool, "Whether it moves."),
            $($more,)*
        ]
    };
}

pub(super) const EVENTS: &[Entry] = &[
    entry(
        "room.created",
        "The room exists; always its first event.",
        &[
            need("room_id", Of("RoomId"), "Its id."),
            need("name", Of("RoomName"), "What it is called."),
            need("visibility", Of("Visibility"), "Whether it is listed."),
            need("join_rule", Of("JoinRule"), "How one gets in."),
            need("default_role", Of("DefaultRole"), "What a joiner becomes."),
            need("settings", Of("Settings"), "The settings that it starts with."),
            need("owner", Of("ActorId"), "Who made it."),
            may("credential_id", Of("CredentialId"), "Where its password is kept."),
        ],
    ),
    entry(
        "room.settings_updated",
        "Settings have new values; only those that changed.",
        &[
            may("name", Of("RoomName"), "The new name."),
            may("visibility", Of("Visibility"), "The new visibility."),
            may("default_role", Of("DefaultRole"), "The new default role."),
            may("capabilities", Of("CapabilitiesPatch"), "The capabilities that were switched."),
            may("barrier", Of("Barrier"), "The new barrier."),
            may("control", Of("Control"), "The new control."),
            may("permissions", Of("PermissionsPatch"), "The new rights of roles."),
            may("max_members", Of("RoomSize"), "How many members there may be from now on."),
        ],
    ),
    entry(
        "room.join_rule_set",
        "One gets in differently.",
        &[
            need("join_rule", Of("JoinRule"), "How from now on."),
            may("credential_id", Of("CredentialId"), "Where the password is kept."),
        ],
    ),
    entry(
        "room.transfer_offered",
        "The owner would give the room to a member.",
        &[need("member", OrNull("ActorId"), "To whom; null: the offer was withdrawn.")],
    ),
    entry(
        "room.transferred",
        "The room has another owner.",
        &[
            need("from", Of("ActorId"), "The owner until now, an admin from now on."),
            need("to", Of("ActorId"), "The owner from now on."),
        ],
    ),
    entry(
        "room.guests_expelled",
        "All guests were removed.",
        &[
            need("members", List("ActorId"), "Who is no member any more."),
            need("expires_at", Of("Timestamp"), "Until when they cannot join again."),
        ],
    ),
    entry("room.closed", "The room takes no more commands.", &[]),
    entry("room.reopened", "The room takes commands again.", &[]),
    entry(
        "member.joined",
        "Somebody became a member.",
        &[
            MEMBER,
            need("display_name", OrNull("DisplayName"), "What they are called; null once they were erased."),
            need("role", Of("Role"), "The role that they start with."),
            may("invite", Of("InviteId"), "The invite that they came with."),
            may("deny", List("Permission"), "Rights that were taken from them when they were here before."),
            may("muted", Of("Mute"), "They were muted when they were here before, and still are."),
        ],
    ),
    entry(
        "member.knocked",
        "Somebody would like to become a member.",
        &[
            MEMBER,
            need("display_name", OrNull("DisplayName"), "What they are called; null once they were erased."),
            may("message", OrNull("Reason"), "What they said; null once they were erased."),
            need("expires_at", Of("Timestamp"), "Until when they wait for an answer."),
        ],
    ),
    entry("member.approved", "Somebody who knocked is let in; `member.joined` follows.", &[MEMBER, REASON]),
    entry(
        "member.rejected",
        "Somebody who knocked was sent away.",
        &[MEMBER, REASON, need("expires_at", Of("Timestamp"), "Until when they cannot knock again.")],
    ),
    entry(
        "member.banned",
        "Somebody may not come in, and is no member any more.",
        &[
            MEMBER,
            need("was_member", Bool, "Whether they were a member until now."),
            REASON,
            may("expires_at", Of("Timestamp"), "Until when; for good unless set."),
        ],
    ),
    entry("member.unbanned", "Somebody who was banned, removed or rejected may come in again.", &[MEMBER, REASON]),
    entry(
        "member.muted",
        "A member may not write or react.",
        &[MEMBER, REASON, may("expires_at", Of("Timestamp"), "Until when; until it is lifted unless set.")],
    ),
    entry("member.unmuted", "A member may write and react again.", &[MEMBER, REASON]),
    entry(
        "member.permissions_overridden",
        "A member has other rights than their role.",
        &[
            MEMBER,
            need("allow", List("Permission"), "Rights beyond those of the role."),
            need("deny", List("Permission"), "Rights that they do not have."),
        ],
    ),
    entry(
        "invite.created",
        "There is an invite. Its token was told to its maker alone.",
        &[
            need("invite_id", Of("InviteId"), "The invite."),
            may("role", Of("Role"), "What its users become; what every joiner does unless set."),
            may("max_uses", Of("InviteUses"), "How often it can be used; any number of times unless set."),
            need("expires_at", Of("Timestamp"), "Until when it is good."),
        ],
    ),
    entry(
        "invite.revoked",
        "An invite is worth nothing any more.",
        &[need("invite_id", Of("InviteId"), "The invite.")],
    ),
    entry("member.left", "A member left.", &[MEMBER]),
    entry(
        "member.kicked",
        "A member was removed.",
        &[MEMBER, REASON, may("expires_at", Of("Timestamp"), "Until when they cannot join again.")],
    ),
    entry("member.role_set", "A member has another role.", &[MEMBER, need("role", Of("Role"), "The new role.")]),
    entry(
        "playlist.added",
        "An item is new in the playlist.",
        &[
            ITEM,
            need("url", Of("MediaUrl"), "Where the medium is."),
            may("title", Of("Title"), "What it is called."),
            need("delivery", Of("Delivery"), "How it reaches the viewers."),
            may("duration_ms", Of("MediaMs"), "Its length, if known."),
            need("added_by", Of("ActorId"), "Who added it."),
            BEHIND,
        ],
    ),
    entry(
        "playlist.updated",
        "An item has another title or length; only what changed.",
        &[ITEM, may("title", Of("Title"), "The new title."), may("duration_ms", Of("MediaMs"), "The new length.")],
    ),
    entry("playlist.moved", "An item has another place.", &[ITEM, BEHIND]),
    entry("playlist.removed", "An item is gone.", &[ITEM]),
    entry("playlist.cleared", "All items are gone.", &[]),
    entry("playback.played", "Playback starts.", motion![]),
    entry("playback.paused", "Playback stopped.", motion![]),
    entry("playback.seeked", "Playback jumped.", motion![]),
    entry("playback.rate_set", "Playback has another rate.", motion![]),
    entry(
        "playback.mode_set",
        "What follows an item is chosen differently.",
        &[
            need("mode", Of("Mode"), "How."),
            may("seed", Of("Seed"), "Shuffle: what the order of the first round follows from."),
        ],
    ),
    entry(
        "playback.item_selected",
        "Another item is current, or the same from another place.",
        motion![may("seed", Of("Seed"), "Shuffle: a new round begins, and its order follows from this.")],
    ),
    entry(
        "playback.held",
        "Playback waits for members who buffer.",
        motion![
            need("members", List("ActorId"), "Whom it waits for."),
            need("deadline_ms", OrNull("ServerMs"), "When it goes on in any case; null: it waits as long as it takes."),
        ],
    ),
    entry(
        "playback.released",
        "Playback goes on after a wait.",
        motion![
            need("by", Of("ReleasedBy"), "What ended the wait."),
            need(
                "exempt",
                List("ActorId"),
                "Who made it wait too often: they are not waited for again for some minutes."
            ),
        ],
    ),
    entry(
        "ready.started",
        "Members are asked whether they are ready.",
        &[
            need("deadline_ms", Of("ServerMs"), "When nobody is waited for any longer."),
            need("members", List("ActorId"), "Who is asked."),
        ],
    ),
    entry(
        "ready.marked",
        "A member is ready, or not any more.",
        &[MEMBER, need("ready", Bool, "Whether they can start.")],
    ),
    entry("ready.cancelled", "A ready check ended without a start.", &[need("reason", Of("ReadyEnd"), "Why.")]),
    entry(
        "chat.posted",
        "A message was written.",
        &[MESSAGE, AUTHOR, TEXT, may("reply_to", Of("MessageId"), "The message that it answers.")],
    ),
    entry("chat.edited", "A message has another text.", &[MESSAGE, TEXT, AUTHOR]),
    entry("chat.redacted", "A message was withdrawn.", &[MESSAGE, AUTHOR, REASON]),
    entry(
        "chat.reacted",
        "A reaction was added or taken back.",
        &[MESSAGE, MEMBER, need("reaction", Of("Reaction"), "With what."), need("on", Bool, "Added, or taken back.")],
    ),
    entry(
        "live.key_created",
        "There is a key to publish live streams with. It was told to its maker alone.",
        &[need("key_id", Of("LiveKeyId"), "The key."), need("expires_at", Of("Timestamp"), "Until when it is good.")],
    ),
    entry("live.key_revoked", "A key is worth nothing any more.", &[need("key_id", Of("LiveKeyId"), "The key.")]),
    entry(
        "live.started",
        "Somebody publishes a live stream.",
        &[
            need("by", Of("ActorId"), "Who: whoever made the key."),
            need("key_id", Of("LiveKeyId"), "The key that was shown."),
        ],
    ),
    entry("live.stopped", "The live stream has ended.", &[need("reason", Of("LiveEnd"), "Why.")]),
    entry(
        "projection.event_skipped",
        "An operator let a read model leave an event out that it could not take in. Of no room: auditors see it.",
        &[
            need("projection", Text, "The read model."),
            need("position", Of("Position"), "The event that it leaves out."),
            need("reason", Text, "Why."),
        ],
    ),
];

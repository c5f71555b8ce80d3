//! Who is in which room: the members of a room, and the rooms of a member.

use synctv_domain::{ActorId, Event, Personal, Role, RoomId, Seq, Timestamp};

use crate::entry::{Entry, Poison};
use crate::model::ReadModel;
use crate::rows::{Row, Rows};

const NAMES: &[&str] = &[
    "member.joined",
    "member.left",
    "member.kicked",
    "member.banned",
    "room.guests_expelled",
    "member.role_set",
    "room.transferred",
];

/// A member of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// The room.
    pub room: RoomId,
    /// The member.
    pub member: ActorId,
    /// What they are called, sealed.
    pub display_name: Personal,
    /// What they are in the room.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
    /// By which event of the room.
    pub joined_seq: Seq,
}

impl Row for Membership {
    type Key = (RoomId, ActorId);

    fn key(&self) -> Self::Key {
        (self.room, self.member)
    }
}

/// The one table.
#[derive(Default)]
pub struct Tables {
    /// By room and member.
    pub members: Rows<Membership>,
}

/// The members of rooms.
pub struct RoomMembers;

impl ReadModel for RoomMembers {
    const NAME: &'static str = "room_members";
    type Tables = Tables;

    fn apply(entry: &Entry, Tables { members }: &mut Tables) -> Result<(), Poison> {
        let Some((room, event)) = entry.of(NAMES)? else { return Ok(()) };
        match event {
            Event::MemberJoined(joined) => members.put(Membership {
                room,
                member: joined.member,
                display_name: joined.display_name.clone(),
                role: joined.role,
                joined_at: entry.at,
                joined_seq: entry.seq,
            }),
            Event::MemberRoleSet(set) => members.edit(&(room, set.member), |member| member.role = set.role),
            Event::RoomTransferred(transferred) => {
                members.edit(&(room, transferred.from), |member| member.role = Role::Admin);
                members.edit(&(room, transferred.to), |member| member.role = Role::Owner);
            }
            _ => {}
        }
        for gone in event.departed() {
            members.remove(&(room, *gone));
        }
        Ok(())
    }
}

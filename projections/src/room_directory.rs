//! The directory of rooms: what a list of rooms shows, and who is in them.

use synctv_domain::events::PlaybackItemSelected;
use synctv_domain::{ActorId, Event, ItemId, RoomName, Timestamp, Visibility};

use crate::runner::Entry;

/// What an event changes in the directory.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new room.
    Created {
        /// Its name.
        name: RoomName,
        /// Whether everybody sees it in the list.
        visibility: Visibility,
        /// When.
        at: Timestamp,
    },
    /// Another name.
    Renamed(RoomName),
    /// Listed or not.
    Shown(Visibility),
    /// One more member.
    Joined(ActorId),
    /// One less.
    Left(ActorId),
    /// What is current, and whether it plays.
    Playing {
        /// None: nothing is current.
        item: Option<ItemId>,
        /// Running.
        playing: bool,
    },
    /// If it was the current one, nothing plays any more.
    ItemRemoved(ItemId),
    /// Whether it is closed.
    Closed(bool),
}

/// In order; most events change nothing here.
#[must_use]
pub fn changes(entry: &Entry) -> Vec<Change> {
    match &entry.event.event {
        Event::RoomCreated(room) => {
            vec![Change::Created { name: room.name.clone(), visibility: room.visibility, at: entry.event.at }]
        }
        Event::RoomSettingsUpdated(update) => {
            let renamed = update.name.clone().map(Change::Renamed);
            renamed.into_iter().chain(update.visibility.map(Change::Shown)).collect()
        }
        Event::RoomClosed(_) => vec![Change::Closed(true)],
        Event::RoomReopened(_) => vec![Change::Closed(false)],
        Event::MemberJoined(joined) => vec![Change::Joined(joined.member)],
        Event::MemberLeft(left) => vec![Change::Left(left.member)],
        Event::MemberKicked(kicked) => vec![Change::Left(kicked.member)],
        Event::PlaybackPlayed(motion)
        | Event::PlaybackPaused(motion)
        | Event::PlaybackSeeked(motion)
        | Event::PlaybackRateSet(motion)
        | Event::PlaybackItemSelected(PlaybackItemSelected { motion, .. }) => {
            vec![Change::Playing { item: motion.item_id, playing: motion.playing }]
        }
        Event::PlaylistRemoved(removed) => vec![Change::ItemRemoved(removed.item_id)],
        Event::PlaylistCleared(_) => vec![Change::Playing { item: None, playing: false }],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use synctv_domain::{Actor, CommandId, EventId, Position, Recorded, RoomId, Seq};

    use super::*;

    fn changes_of(name: &str, payload: &str) -> Vec<Change> {
        let id = ulid::Ulid(1);
        let event = Recorded {
            seq: Seq(1),
            position: Position(1),
            id: EventId::new(id),
            at: Timestamp(5),
            actor: Actor { id: ActorId::System },
            event: Event::decode(name, 1, payload).unwrap(),
            decided_by: String::new(),
            command_id: CommandId::parse("c").unwrap(),
        };
        changes(&Entry { room: RoomId::new(id), event })
    }

    #[test]
    fn events_change_what_the_list_shows() {
        let guest = ActorId::Guest(ulid::Ulid(2));
        let left = format!(r#"{{"member":"{guest}"}}"#);
        assert_eq!(changes_of("member.left", &left), [Change::Left(guest)]);
        assert_eq!(changes_of("member.kicked", &left), [Change::Left(guest)]);
        assert_eq!(changes_of("room.closed", "{}"), [Change::Closed(true)]);
        assert_eq!(changes_of("playlist.cleared", "{}"), [Change::Playing { item: None, playing: false }]);
        let renamed = changes_of("room.settings_updated", r#"{"name":"b","visibility":"unlisted"}"#);
        assert_eq!(renamed, [Change::Renamed("b".parse().unwrap()), Change::Shown(Visibility::Unlisted)]);
        let silent = format!(r#"{{"message_id":"msg_00000000000000000000000001","author":"{guest}","text":"x"}}"#);
        assert_eq!(changes_of("chat.posted", &silent), []);
    }
}

//! Every limit, and why it is as high as it is: nobody who watches with others shall meet one.

use std::time::Duration;

use synctv_commands::{LIVE_LIMITS, Limit, PASSWORD_LIMITS, Rate};
use synctv_domain::Command;

const fn limit(name: &'static str, burst: u32, every_ms: u64) -> Limit {
    Limit { name, rate: Rate { burst, every: Duration::from_millis(every_ms) } }
}

/// Requests of an address, and commands over its sockets, before it is known whose they are. A house of 200 that loads
/// the page at once makes 5,000.
pub const ADDRESS: Limit = limit("address", 6000, 10);
/// Guests of an address. Four school classes behind one address; each guest leaves a row for ever.
pub const GUESTS: Limit = limit("guests", 120, 5000);
/// Sockets and streams that an address opens. All of a house come back at once when a server was restarted.
pub const OPENINGS: Limit = limit("openings", 1200, 50);
/// What an actor reads. The page reads a dozen lists when it opens, and pages of older messages as one scrolls.
pub const READS: Limit = limit("reads", 600, 50);
/// Tokens and tickets of an actor. One for each tab, and again for each reconnection of a bad network.
pub const TICKETS: Limit = limit("tickets", 60, 1000);
/// Rooms that an actor makes. One for each evening; trying things out takes more.
pub const ROOMS: Limit = limit("rooms", 20, 30_000);
/// Rooms that an address makes, whoever it says it is. A house of 200.
pub const ROOMS_OF_ADDRESS: Limit = limit("rooms_of_address", 200, 10_000);
/// Commands of an actor. Whoever adds a list of a hundred titles does it at once; nobody clicks ten times a second.
pub const COMMANDS: Limit = limit("commands", 200, 100);
/// Messages and reactions of an actor. People post a few lines at once, and read what others say.
pub const CHAT: Limit = limit("chat", 30, 1000);
/// Commands in a room by all who are in it: each is an event that all receive. A thousand who say at once that they are
/// ready, and go on cheering. What keeps order is not counted: see [`is_counted_for_room`].
pub const ROOM: Limit = limit("room", 2000, 5);
/// Answers that an actor gets again for nothing, also when nothing else is left to them. A client that lost its connection
/// repeats all that was not answered.
pub const REPEATS: Limit = limit("repeats", 1000, 20);

/// All that are taken of a limiter.
const ALL: [Limit; 18] = [
    ADDRESS,
    GUESTS,
    OPENINGS,
    READS,
    TICKETS,
    ROOMS,
    ROOMS_OF_ADDRESS,
    COMMANDS,
    CHAT,
    ROOM,
    REPEATS,
    PASSWORD_LIMITS[0],
    PASSWORD_LIMITS[1],
    PASSWORD_LIMITS[2],
    PASSWORD_LIMITS[3],
    LIVE_LIMITS[0],
    LIVE_LIMITS[1],
    LIVE_LIMITS[2],
];

/// What is refused and counted, by name.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().map(|limit| limit.name).chain([STEERING, MESSAGES, CONNECTIONS])
}

/// Commands of a member that steer playback; counted by the room itself.
pub const STEERING: &str = "steering";

/// Messages of a client over one socket, with pings: the clock is asked a few times at once, players report once a second.
pub const MESSAGES: &str = "messages";
/// How many those are.
pub const MESSAGE_RATE: Rate = Rate { burst: 300, every: Duration::from_millis(20) };
/// Messages beyond that, each of which is refused, until the socket is closed.
pub const FLOOD_RATE: Rate = Rate { burst: 100, every: Duration::from_secs(1) };

/// Connections, sockets and streams that an address holds.
pub const CONNECTIONS: &str = "connections";

/// Whether it is a message or a reaction.
#[must_use]
pub fn is_chat(command: &Command) -> bool {
    ["chat.post", "chat.edit", "chat.react"].contains(&command.name())
}

/// Whether a command uses up what its room may have. Who is there can say what keeps order, however loud the others are.
#[must_use]
pub fn is_counted_for_room(command: &Command) -> bool {
    let name = command.name();
    let keeps_order = ["room.", "member.", "invite.", "live."].iter().any(|concern| name.starts_with(concern));
    !keeps_order || ["member.join", "member.leave"].contains(&name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_limit_has_a_name_of_its_own() {
        assert_eq!(names().collect::<BTreeSet<_>>().len(), ALL.len() + 3);
    }

    #[test]
    fn the_runbook_tells_what_is_counted() {
        let runbook = include_str!("../../runbooks/limits.md");
        let messages = Limit { name: MESSAGES, rate: MESSAGE_RATE };
        for Limit { name, rate } in ALL.into_iter().chain([messages]) {
            let row = runbook.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
            let told = format!("| {} | {} ms |", rate.burst, rate.every.as_millis());
            assert!(row.is_some_and(|row| row.contains(&told)), "{name}: {told}");
        }
        let rows = runbook.lines().filter(|line| line.starts_with("| `"));
        // Steering is the lane's; connections are in the other table.
        assert_eq!(rows.count(), ALL.len() + 2);
    }

    #[test]
    fn what_keeps_order_is_not_held_up_by_the_others() {
        let counted =
            |name: &str| ["chat.", "playback.", "playlist.", "ready."].iter().any(|own| name.starts_with(own));
        for name in Command::NAMES {
            let fields = serde_json::json!({});
            let Ok(command) = Command::parse(name, fields) else { continue };
            let wanted = counted(name) || ["member.join", "member.leave"].contains(name);
            assert_eq!(is_counted_for_room(&command), wanted, "{name}");
        }
    }
}

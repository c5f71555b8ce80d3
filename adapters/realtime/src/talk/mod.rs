//! The talk of all nodes about the members who are connected to each.
//!
//! Every node tells what changes, at most ten times a second, and every two seconds that it is here; so all know the members
//! of all. One that hears a node for the first time, or has missed a message, asks it for everything.

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod cost;
mod speech;
#[cfg(test)]
mod tests;
mod voice;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use synctv_commands::{CHANNELS, Hearsay, NodeId, Old, Saying, What};
use synctv_domain::{ActorId, RoomId};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::attendance::Gatherings;
use crate::locked;
use speech::Speech;
use voice::{LEASE, Next, Voice};

/// More nodes in a channel are none: something is wrong.
const MOST: usize = 4_096;
/// Leases are looked at so often, though none ends.
const LOOK: Duration = Duration::from_secs(1);

/// This node's part in it.
pub(crate) struct Talk {
    node: NodeId,
    table: Mutex<Table>,
    /// There may be something to say.
    stirred: Notify,
}

struct Table {
    /// By channel.
    speeches: Vec<Speech>,
    voices: HashMap<(NodeId, u8), Voice>,
    /// Questions so far.
    asked: u64,
    /// The last to all nodes, and when.
    open: Option<(u64, Instant)>,
    over: bool,
}

impl Talk {
    pub(crate) fn new(node: NodeId) -> Self {
        let speeches = (0..CHANNELS).map(Speech::new).collect();
        let table = Table { speeches, voices: HashMap::new(), asked: 0, open: None, over: false };
        Self { node, table: Mutex::new(table), stirred: Notify::new() }
    }

    /// Something became of a member here.
    pub(crate) fn touch(&self, room: RoomId, member: ActorId) {
        locked(&self.table).speeches[usize::from(channel(room))].touch(room, member);
        self.stirred.notify_one();
    }

    /// What is due, or when something will be. None: nothing any more.
    fn due(&self, all: &Gatherings) -> (Vec<Saying>, Option<Instant>) {
        let mut table = locked(&self.table);
        if table.over {
            return (Vec::new(), None);
        }
        let now = Instant::now();
        let due = table.speeches.iter_mut().filter(|speech| speech.due() <= now);
        let said = due.flat_map(|speech| speech.say(all)).collect();
        (said, table.speeches.iter().map(Speech::due).min())
    }

    /// Forgets nodes that are not heard of any more, and tells when to look again.
    fn expire(&self, all: &Gatherings) -> Instant {
        let (mut table, now) = (locked(&self.table), Instant::now());
        for ((node, _), voice) in table.voices.extract_if(|_, voice| voice.ends() <= now) {
            voice.ended(node, None, all);
        }
        table.voices.values().map(Voice::ends).fold(now + LOOK, Instant::min)
    }

    fn hear(&self, said: Saying, all: &Gatherings) -> Result<(), Old> {
        let Table { speeches, voices, asked, open, .. } = &mut *locked(&self.table);
        let (node, channel) = (said.node, said.channel);
        let Some(speech) = speeches.get_mut(usize::from(channel)) else { return Ok(()) };
        let open = open.filter(|(_, at)| at.elapsed() < LEASE).map(|(number, _)| number);
        let asks = match said.what {
            What::Ask { of, number } if of.is_none_or(|of| of == self.node) => Some(number),
            _ => None,
        };
        let full = voices.len() >= MOST;
        let mut voice = match voices.entry((node, channel)) {
            Entry::Occupied(known) => known,
            Entry::Vacant(_) if full => return Ok(()),
            Entry::Vacant(new) => new.insert_entry(Voice::new()),
        };
        match voice.get_mut().hear(said, open, all)? {
            Next::Nothing => {}
            Next::Ask => {
                *asked += 1;
                voice.get_mut().asks(*asked);
                speech.ask(Some(node), *asked);
            }
            Next::Forget => voice.remove().ended(node, Some(Instant::now()), all),
        }
        if let Some(number) = asks {
            speech.answer(node, number);
        }
        self.stirred.notify_one();
        Ok(())
    }
}

/// Rooms are spread over the channels.
fn channel(room: RoomId) -> u8 {
    u8::try_from(room.ulid().0 % u128::from(CHANNELS)).unwrap_or(0)
}

impl Gatherings {
    /// Forgets the members of nodes that are not heard of any more. Runs until dropped.
    pub async fn expire(&self) {
        let Some(talk) = &self.talk else { return };
        loop {
            sleep_until(talk.expire(self)).await;
        }
    }
}

#[async_trait]
impl Hearsay for Gatherings {
    fn listens(&self) {
        let Some(talk) = &self.talk else { return };
        let table = &mut *locked(&talk.table);
        table.asked += 1;
        table.open = Some((table.asked, Instant::now()));
        for speech in &mut table.speeches {
            speech.ask(None, table.asked);
            speech.hurry();
        }
        talk.stirred.notify_one();
    }

    async fn to_say(&self) -> Vec<Saying> {
        let Some(talk) = &self.talk else { return std::future::pending().await };
        loop {
            let (said, next) = talk.due(self);
            if !said.is_empty() {
                return said;
            }
            let Some(next) = next else { return std::future::pending().await };
            tokio::select! {
                () = talk.stirred.notified() => {}
                () = sleep_until(next) => {}
            }
        }
    }

    fn heard(&self, saying: Saying) -> Result<(), Old> {
        match &self.talk {
            Some(talk) if saying.node != self.node => talk.hear(saying, self),
            _ => Ok(()),
        }
    }

    fn farewell(&self) -> Vec<Saying> {
        let Some(talk) = &self.talk else { return Vec::new() };
        let mut table = locked(&talk.table);
        table.over = true;
        table.speeches.iter_mut().map(|speech| speech.farewell(self.node)).collect()
    }
}

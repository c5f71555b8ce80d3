//! The addresses that this node knows, and what is known of who is there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use synctv_proto::cluster::v1::Hello;
use tokio::time::Instant;

use super::greeting::Greeted;
use super::judge::Misfit;
use super::member::{Member, MemberState};

/// Who was not heard of for so long is gone.
pub(super) const GONE: Duration = Duration::from_secs(6);
/// Where nobody was heard of for so long nobody is greeted any more, unless a list names it.
const FORGOTTEN: Duration = Duration::from_secs(60);
/// Addresses that are kept at most: what others tell is not believed without end.
const MOST: usize = 256;

/// How a node was found when others told of it, or it called.
pub const TOLD: &str = "told";

#[derive(Default)]
pub(super) struct Roll(BTreeMap<String, Entry>);

struct Entry {
    found_by: BTreeSet<&'static str>,
    /// When somebody told of it last.
    since: Instant,
    /// When it was heard of last.
    heard: Option<Instant>,
    last: Option<Outcome>,
    /// How often it went like that without a break.
    times: u32,
    /// What it said last.
    hello: Option<Hello>,
    rtt: Duration,
    distance_ms: i64,
    differing: Vec<String>,
}

/// How the last greeting went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// That is this node.
    Myself,
    Welcome,
    Refused(Misfit, String),
    Failed(String),
}

impl Outcome {
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Refused(one, _), Self::Refused(other, _)) => one == other,
            (Self::Failed(_), Self::Failed(_)) => true,
            (one, other) => one == other,
        }
    }
}

/// How often a refusal has to be seen to be told: an epoch of the past passes, as nodes follow by themselves.
pub(super) fn tells_at(misfit: Misfit) -> u32 {
    if misfit == Misfit::OtherEpoch { 3 } else { 1 }
}

impl Roll {
    /// A way of finding nodes has found these, and no others.
    pub(super) fn found(&mut self, by: &'static str, addresses: impl IntoIterator<Item = String>) {
        let addresses: BTreeSet<String> = addresses.into_iter().collect();
        for (address, entry) in &mut self.0 {
            if !addresses.contains(address) {
                entry.found_by.remove(by);
            }
        }
        for address in addresses {
            self.add(by, address);
        }
    }

    /// One more is known. Whether it was not known before.
    pub(super) fn add(&mut self, by: &'static str, address: String) -> bool {
        let full = self.0.len() >= MOST;
        if !is_address(&address) || (full && !self.0.contains_key(&address)) {
            return false;
        }
        let mut new = false;
        let entry = self.0.entry(address).or_insert_with(|| {
            new = true;
            Entry::new()
        });
        entry.found_by.insert(by);
        entry.since = Instant::now();
        new
    }

    /// Where to call. Forgets where nobody is, and no list says that there should be.
    pub(super) fn due(&mut self) -> Vec<String> {
        self.0.retain(|_, entry| entry.is_kept());
        self.0.keys().cloned().collect()
    }

    /// Where nodes are that this one hears from.
    pub(super) fn heard_of(&self) -> Vec<String> {
        let alive = self.0.iter().filter(|(_, entry)| entry.state().0 == MemberState::Alive && !entry.is_myself());
        alive.map(|(address, _)| address.clone()).take(64).collect()
    }

    /// A greeting has ended. What is to be told about it, if that is something new.
    pub(super) fn ended(&mut self, address: &str, outcome: Outcome, greeted: Option<Greeted>) -> Option<Outcome> {
        let entry = self.0.get_mut(address)?;
        if let Some(greeted) = greeted {
            (entry.rtt, entry.distance_ms, entry.differing) = (greeted.rtt, greeted.distance_ms, greeted.differing);
            entry.hello = Some(greeted.hello);
        }
        if matches!(outcome, Outcome::Welcome | Outcome::Myself) {
            entry.heard = Some(Instant::now());
        }
        let again = entry.last.as_ref().is_some_and(|last| last.is_like(&outcome));
        entry.times = if again { entry.times.saturating_add(1) } else { 1 };
        entry.last = Some(outcome.clone());
        let due = if let Outcome::Refused(misfit, _) = outcome { tells_at(misfit) } else { 1 };
        (entry.times == due).then_some(outcome)
    }

    /// Everybody but this node, each once.
    pub(super) fn members(&self) -> Vec<Member> {
        let mut members: Vec<(String, Member)> = Vec::new();
        for (address, entry) in self.0.iter().filter(|(_, entry)| entry.last.is_some() && !entry.is_myself()) {
            let (instance, member) = (entry.instance(), entry.member(address));
            let same = members.iter_mut().find(|(known, _)| !instance.is_empty() && *known == instance);
            match same {
                Some((_, known)) if known.state <= member.state => join(&mut known.found_by, member.found_by),
                Some((_, known)) => {
                    let before = std::mem::replace(known, member);
                    join(&mut known.found_by, before.found_by);
                }
                None => members.push((instance, member)),
            }
        }
        let mut members: Vec<_> = members.into_iter().map(|(_, member)| member).collect();
        members.sort_by(|one, other| (one.state, &one.node_id).cmp(&(other.state, &other.node_id)));
        members
    }
}

impl Entry {
    fn new() -> Self {
        Self {
            found_by: BTreeSet::new(),
            since: Instant::now(),
            heard: None,
            last: None,
            times: 0,
            hello: None,
            rtt: Duration::ZERO,
            distance_ms: 0,
            differing: Vec::new(),
        }
    }

    fn is_kept(&self) -> bool {
        let listed = self.found_by.iter().any(|by| *by != TOLD);
        listed || self.heard.map_or(self.since, |heard| heard.max(self.since)).elapsed() < FORGOTTEN
    }

    fn is_myself(&self) -> bool {
        self.last == Some(Outcome::Myself)
    }

    fn instance(&self) -> String {
        self.hello.as_ref().map(|hello| hello.instance.clone()).unwrap_or_default()
    }

    fn state(&self) -> (MemberState, String) {
        let heard = self.heard.is_some_and(|heard| heard.elapsed() < GONE);
        match &self.last {
            Some(Outcome::Refused(_, why)) => (MemberState::Refused, why.clone()),
            Some(Outcome::Welcome | Outcome::Myself | Outcome::Failed(_)) if heard => {
                (MemberState::Alive, String::new())
            }
            Some(Outcome::Failed(why)) => (MemberState::Unreachable, why.clone()),
            _ => (MemberState::Unreachable, "it does not answer".to_owned()),
        }
    }

    fn member(&self, address: &str) -> Member {
        let (state, reason) = self.state();
        let hello = self.hello.clone().unwrap_or_default();
        Member {
            node_id: hello.node_id,
            address: address.to_owned(),
            version: hello.version,
            schema: hello.schema,
            epoch: hello.epoch,
            state,
            reason,
            round_trip_ms: self.rtt.as_micros() as f64 / 1000.0,
            clock_distance_ms: self.distance_ms,
            differing_settings: self.differing.clone(),
            found_by: self.found_by.iter().map(|by| (*by).to_owned()).collect(),
        }
    }
}

fn join(into: &mut Vec<String>, more: Vec<String>) {
    into.extend(more);
    into.sort();
    into.dedup();
}

/// `host:port`, of a length that names have.
fn is_address(text: &str) -> bool {
    let named = text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    named && text.len() <= 260 && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn welcome(roll: &mut Roll, address: &str, instance: &str) -> Option<Outcome> {
        let hello = Hello { node_id: instance.into(), instance: instance.into(), ..Hello::default() };
        let greeted = Greeted { hello, rtt: Duration::from_millis(1), distance_ms: 0, differing: Vec::new() };
        roll.ended(address, Outcome::Welcome, Some(greeted))
    }

    fn fail(roll: &mut Roll, address: &str) -> Option<Outcome> {
        roll.ended(address, Outcome::Failed("x".into()), None)
    }

    fn states(roll: &Roll) -> Vec<(String, MemberState)> {
        roll.members().into_iter().map(|member| (member.address, member.state)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_not_heard_of_is_gone_and_forgotten_unless_it_is_listed() {
        let mut roll = Roll::default();
        roll.found("peers", ["a:1".to_owned()]);
        assert!(roll.add(TOLD, "b:1".to_owned()) && !roll.add(TOLD, "b:1".to_owned()));
        assert_eq!(states(&roll), [], "nobody was greeted yet");
        assert!(welcome(&mut roll, "a:1", "a").is_some() && welcome(&mut roll, "b:1", "b").is_some());
        assert!(welcome(&mut roll, "b:1", "b").is_none(), "it is told once");
        advance(GONE - Duration::from_millis(1)).await;
        assert!(fail(&mut roll, "a:1").is_some() && fail(&mut roll, "b:1").is_some());
        let all = |state| [("a:1".to_owned(), state), ("b:1".to_owned(), state)];
        assert_eq!(states(&roll), all(MemberState::Alive));
        assert_eq!(roll.heard_of(), ["a:1", "b:1"]);
        advance(Duration::from_millis(1)).await;
        assert_eq!(states(&roll), all(MemberState::Unreachable));
        assert_eq!(roll.heard_of(), [""; 0]);
        advance(FORGOTTEN).await;
        assert_eq!(roll.due(), ["a:1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_with_two_addresses_is_one_and_this_one_is_none() {
        let mut roll = Roll::default();
        roll.found("peers", ["name:1".to_owned(), "me:1".to_owned()]);
        roll.found("dns", ["10.0.0.3:1".to_owned()]);
        welcome(&mut roll, "name:1", "a");
        welcome(&mut roll, "10.0.0.3:1", "a");
        roll.ended("me:1", Outcome::Myself, None);
        let members = roll.members();
        assert_eq!(members.len(), 1, "{members:?}");
        assert_eq!(members[0].found_by, ["dns", "peers"]);
        // What a list no longer names is kept as long as it is heard of.
        roll.found("dns", []);
        assert_eq!(roll.due(), ["10.0.0.3:1", "me:1", "name:1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_epoch_of_the_past_is_told_only_when_it_stays() {
        let mut roll = Roll::default();
        roll.add(TOLD, "a:1".to_owned());
        let mut refused = |misfit| roll.ended("a:1", Outcome::Refused(misfit, "x".into()), None).is_some();
        assert_eq!([(); 4].map(|()| refused(Misfit::OtherEpoch)), [false, false, true, false]);
        assert_eq!([(); 2].map(|()| refused(Misfit::OtherLog)), [true, false]);
    }

    #[test]
    fn what_others_tell_is_bounded_and_has_to_be_an_address() {
        let mut roll = Roll::default();
        for bad in ["", "a", ":1", "a:x", "a b:1", "a\n:1"] {
            assert!(!roll.add(TOLD, bad.to_owned()), "{bad:?}");
        }
        assert!((0..1000).filter(|port| roll.add(TOLD, format!("a:{port}"))).count() == MOST);
    }
}

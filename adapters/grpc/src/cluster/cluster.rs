//! This node among the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use synctv_proto::cluster::v1::Hello;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::greeting::{Greeted, Unwelcome, greet};
use super::guard::Strangers;
use super::identity::Identity;
use super::judge::{Misfit, misfit, refusal, sentence};
use super::line::Line;
use super::member::{Member, MemberState};
use super::roll::{Outcome, Roll, TOLD, tells_at};
use super::seal::Key;
use super::tls::Tls;

/// How often every known node is greeted.
const EVERY: Duration = Duration::from_secs(2);

/// This node, and what it knows of the others of its log.
pub struct Cluster {
    pub(super) identity: Identity,
    pub(super) key: Key,
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) strangers: Arc<Strangers>,
    roll: Mutex<Roll>,
    /// Who was refused by their call, and how often: told once for each.
    refused: Mutex<HashMap<(String, Misfit), u32>>,
    news: Notify,
}

impl Cluster {
    /// Knows nobody yet.
    #[must_use]
    pub fn new(identity: Identity, key: Key, tls: Option<Tls>) -> Arc<Self> {
        Arc::new(Self {
            identity,
            key,
            tls: tls.map(Arc::new),
            strangers: Arc::default(),
            roll: Mutex::default(),
            refused: Mutex::default(),
            news: Notify::new(),
        })
    }

    /// Where other nodes reach this one.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.identity.address
    }

    /// The other nodes: those that are alive, those that are refused, and those that ought to be there.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        self.roll().members()
    }

    /// How many of the other nodes are in this state.
    #[must_use]
    pub fn count(&self, state: MemberState) -> usize {
        self.members().iter().filter(|member| member.state == state).count()
    }

    /// How many calls were not signed with the secret.
    #[must_use]
    pub fn strangers(&self) -> u64 {
        self.strangers.count()
    }

    /// A way of finding nodes has found these addresses, and no others.
    pub fn found(&self, by: &'static str, addresses: Vec<String>) {
        self.roll().found(by, addresses);
        self.news.notify_one();
    }

    /// Greets one address, whoever is there.
    ///
    /// # Errors
    /// When nobody is there who belongs to this log.
    pub async fn look(&self, address: &str) -> Result<Greeted, Unwelcome> {
        let line = self.line(address);
        greet(line, &self.identity, Vec::new()).await
    }

    /// Greets everybody again and again. Runs until dropped.
    pub async fn keep(self: Arc<Self>) {
        let (mut lines, mut underway): (HashMap<String, Line>, JoinSet<(String, bool)>) = Default::default();
        let mut busy: Vec<String> = Vec::new();
        loop {
            let addresses = self.roll().due();
            lines.retain(|address, _| addresses.contains(address));
            for address in addresses.into_iter().filter(|address| *address != self.identity.address) {
                if busy.contains(&address) {
                    continue;
                }
                let line = lines.entry(address.clone()).or_insert_with(|| self.line(&address)).clone();
                busy.push(address.clone());
                let cluster = Arc::clone(&self);
                underway.spawn(async move {
                    let good = cluster.greet(&address, line).await;
                    (address, good)
                });
            }
            let pause = sleep(EVERY);
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    () = self.news.notified() => break,
                    Some(Ok((address, good))) = underway.join_next() => {
                        busy.retain(|one| *one != address);
                        // A connection that may be dead is not waited for again.
                        if !good {
                            lines.remove(&address);
                        }
                    }
                }
            }
        }
    }

    async fn greet(&self, address: &str, line: Line) -> bool {
        let peers = self.roll().heard_of();
        let (outcome, greeted) = match greet(line, &self.identity, peers).await {
            Ok(greeted) if greeted.hello.instance == self.identity.instance => (Outcome::Myself, None),
            Ok(greeted) => {
                self.hear_of(&greeted.hello);
                (Outcome::Welcome, Some(greeted))
            }
            Err(Unwelcome::Refused(misfit, why, greeted)) => (Outcome::Refused(misfit, why), Some(*greeted)),
            Err(Unwelcome::Stranger(why) | Unwelcome::Failed(why)) => (Outcome::Failed(why), None),
        };
        let good = !matches!(outcome, Outcome::Failed(_));
        let told = self.roll().ended(address, outcome, greeted);
        match told {
            Some(Outcome::Welcome) => tracing::info!(address, "cluster.member"),
            Some(Outcome::Failed(why)) => tracing::warn!(address, why, "cluster.unreachable"),
            Some(Outcome::Refused(_, why)) => tracing::error!(address, "cluster.refused: {why}"),
            Some(Outcome::Myself) | None => {}
        }
        good
    }

    /// Whom another node hears from may be heard by this one as well.
    fn hear_of(&self, hello: &Hello) {
        let mut roll = self.roll();
        let others = hello.peers.iter().chain([&hello.address]).filter(|address| **address != self.identity.address);
        let new = others.filter(|address| roll.add(TOLD, (*address).clone())).count();
        drop(roll);
        if new > 0 {
            self.news.notify_one();
        }
    }

    /// Answers a greeting.
    pub(super) fn greeted(&self, hello: &Hello) -> Result<Hello, tonic::Status> {
        let me = self.identity.hello(self.roll().heard_of());
        if let Some(misfit) = misfit(&me, hello) {
            self.tell_once(misfit, &me, hello);
            // It is shown as what it is.
            self.hear_of(&Hello { address: hello.address.clone(), ..Hello::default() });
            return Err(refusal(misfit, &me));
        }
        if hello.instance != me.instance {
            self.hear_of(&Hello { address: hello.address.clone(), ..Hello::default() });
        }
        Ok(me)
    }

    fn tell_once(&self, misfit: Misfit, me: &Hello, hello: &Hello) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() > 1000 {
            refused.clear();
        }
        let count = refused.entry((hello.instance.clone(), misfit)).or_default();
        *count = count.saturating_add(1);
        if *count == tells_at(misfit) {
            tracing::error!("cluster.refused: {}", sentence(misfit, me, hello));
        }
    }

    fn line(&self, address: &str) -> Line {
        Line::new(address, self.key.clone(), Arc::clone(&self.identity.clock), self.tls.clone())
    }

    fn roll(&self) -> MutexGuard<'_, Roll> {
        self.roll.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

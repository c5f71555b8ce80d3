//! Somebody who follows a room over typed streams, whatever happens to the connection.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::timeout;

use super::client::{Guest, try_send};
use super::database::SOON;
use super::grpc::Failure;
use super::ledger::Address;
use super::typed::{Ended, Typed};

/// Kinds of streams.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Watch,
    Session,
    Socket,
}

/// All of them.
pub const KINDS: [Kind; 3] = [Kind::Watch, Kind::Session, Kind::Socket];

impl Kind {
    /// Opens one at a server that is there, behind its first answer: the room, or where it goes on.
    pub async fn open(self, who: &Guest, room: &str, from: &str) -> (Typed, serde_json::Value) {
        let mut stream = self.try_open(who, &who.url, room, from).await.expect("the server streams");
        let first = stream.hear().await;
        (stream, first)
    }

    /// Why somebody does not get one; only of calls.
    pub async fn refused(self, who: &Guest, room: &str) -> Failure {
        let call = who.grpc();
        let opened = match self {
            Self::Watch => call.watch(room, "snapshot").await,
            _ => call.session(room).await,
        };
        match opened {
            Err(failure) => failure,
            Ok(mut stream) => stream.next().await.expect_err("it is refused").failure().clone(),
        }
    }

    /// None where the server does not open one now.
    async fn try_open(self, who: &Guest, url: &str, room: &str, from: &str) -> Option<Typed> {
        let there = who.at(url).grpc();
        let mut stream = match self {
            Self::Watch => return there.watch(room, from).await.ok(),
            Self::Session => there.session(room).await.ok()?,
            Self::Socket => {
                let ticket = who.request(Method::POST, &format!("/v1/rooms/{room}/tickets"));
                let ticket = try_send(ticket.json(&json!({ "use": "ws" }))).await.ok()?;
                Typed::try_socket(url, room, ticket.body["ticket"].as_str()?).await?
            }
        };
        stream.try_tell(&json!({ "subscribe": { "from": from } })).await.then_some(stream)
    }
}

/// Somebody who has all events up to the last one that came.
pub struct Follower {
    kind: Kind,
    who: Guest,
    room: String,
    /// To go on with.
    token: String,
    seqs: Vec<i64>,
}

impl Follower {
    /// From the first event on.
    pub fn new(kind: Kind, who: &Guest, room: &str) -> Self {
        Self { kind, who: who.clone(), room: room.to_owned(), token: "0".to_owned(), seqs: Vec::new() }
    }

    /// Follows until `last` came, over connections to `through`; everything else is asked `direct`. Gives back all seqs.
    pub async fn until(mut self, direct: Address, through: Address, last: impl Fn() -> Option<i64>) -> Vec<i64> {
        while !self.has(last()) {
            self.who.url = direct.get();
            let url = through.get();
            let opened = self.kind.try_open(&self.who, &url, &self.room, &self.token);
            if let Ok(Some(stream)) = timeout(SOON, opened).await {
                self.read(stream, &last).await;
            } else {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        self.seqs
    }

    fn has(&self, last: Option<i64>) -> bool {
        last.is_some_and(|last| self.seqs.last().is_some_and(|seq| *seq >= last))
    }

    async fn read(&mut self, mut stream: Typed, last: &impl Fn() -> Option<i64>) {
        while !self.has(last()) {
            let message = match timeout(Duration::from_millis(200), stream.heard()).await {
                Err(_) => continue,
                Ok(Ok(message)) => message,
                Ok(Err(ended)) => return self.assert_cut(&ended),
            };
            let (what, had) = (format!("{:?} from {}: {message}", self.kind, self.token), self.seqs.last().copied());
            assert!(message.get("reset").is_none() && message.get("snapshot").is_none(), "{what}");
            if message["resumed"].is_object() {
                assert_eq!(message["resumed"]["from"].as_i64(), Some(had.unwrap_or(0)), "{what}");
            }
            self.seqs.extend(message["event"]["seq"].as_i64());
            match message["resume_token"].as_str() {
                Some(token) if !token.is_empty() => token.clone_into(&mut self.token),
                _ => assert!(message["event"].is_null(), "{what}"),
            }
        }
    }

    /// It was the connection that ended, or the server is about to.
    fn assert_cut(&self, ended: &Ended) {
        match ended {
            Ended::Call(failure) => {
                assert!(["", "draining"].contains(&&*failure.reason), "{:?}: {failure:?}", self.kind);
            }
            Ended::Socket(closed) => assert_eq!(*closed, None, "{:?}", self.kind),
        }
    }
}

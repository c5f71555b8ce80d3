//! One greeting.

use std::time::Duration;

use synctv_proto::cluster::v1::peer_client::PeerClient;
use synctv_proto::cluster::v1::{GreetRequest, Hello};
use tokio::time::{Instant, timeout};
use tonic::{Code, Status};

use super::identity::Identity;
use super::judge::{Misfit, misfit, refused, sentence};
use super::line::{Line, LineError};
use super::whole::MOST;

/// How long one may take, with the connection it needs.
pub(super) const DEADLINE: Duration = Duration::from_millis(1500);

/// A node that answered.
#[derive(Clone, Debug)]
pub struct Greeted {
    /// What it says about itself.
    pub hello: Hello,
    /// How long it took.
    pub rtt: Duration,
    /// How far its clock is ahead, ms.
    pub distance_ms: i64,
    /// Settings in which it differs.
    pub differing: Vec<String>,
}

/// Why a node is none of ours.
#[derive(Clone, Debug)]
pub enum Unwelcome {
    /// It is there, and does not belong here: why, the same for people, and who it is.
    Refused(Misfit, String, Box<Greeted>),
    /// One of the two does not believe the other.
    Stranger(String),
    /// It is not there.
    Failed(String),
}

/// Greets who is at the other end.
pub(super) async fn greet(line: Line, identity: &Identity, peers: Vec<String>) -> Result<Greeted, Unwelcome> {
    let (began, sent) = (Instant::now(), identity.clock.now().0);
    let me = identity.hello(peers);
    let mut client = PeerClient::new(line).max_decoding_message_size(MOST);
    let asked = client.greet(GreetRequest { hello: Some(me.clone()) });
    let answer = timeout(DEADLINE, asked).await.map_err(|_| silent())?;
    let rtt = began.elapsed();
    let met = |hello: Hello| {
        let half = i64::try_from(rtt.as_millis() / 2).unwrap_or(0);
        let distance_ms = if hello.sent_at_ms == 0 { 0 } else { hello.sent_at_ms - sent - half };
        Greeted { differing: identity.differing(&hello), hello, rtt, distance_ms }
    };
    let unwelcome = |misfit, hello: Hello| {
        let why = sentence(misfit, &me, &hello);
        Unwelcome::Refused(misfit, why, Box::new(met(hello)))
    };
    match answer {
        Ok(answer) => {
            let hello = answer.into_inner().hello.unwrap_or_default();
            match misfit(&me, &hello) {
                Some(misfit) => Err(unwelcome(misfit, hello)),
                None => Ok(met(hello)),
            }
        }
        Err(status) => Err(match refused(&status) {
            Some((misfit, hello)) => unwelcome(misfit, hello),
            None => failure(&status),
        }),
    }
}

fn silent() -> Unwelcome {
    Unwelcome::Failed(format!("no answer within {} ms", DEADLINE.as_millis()))
}

/// What the line knows is better than the words of the layers above it.
fn failure(status: &Status) -> Unwelcome {
    let mut source = std::error::Error::source(status);
    while let Some(error) = source {
        if let Some(line) = error.downcast_ref::<LineError>() {
            return match line {
                LineError::Unreached(why) => Unwelcome::Failed(why.clone()),
                LineError::Unknown | LineError::Stranger => Unwelcome::Stranger(line.to_string()),
            };
        }
        source = error.source();
    }
    Unwelcome::Failed(match status.code() {
        Code::Unimplemented => "it is another version of synctv, which knows no greeting".to_owned(),
        _ => status.message().to_owned(),
    })
}

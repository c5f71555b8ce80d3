//! The nodes of one log, and what they say to each other: `synctv.cluster.v1`, on a listener of its own.
//!
//! A [`Cluster`] greets every address that it was told of every two seconds, and answers the greetings of others. Calls and
//! answers are signed with the secret that the nodes share, and go over TLS when that is set. Who works on another log or
//! incarnation, or makes something else of events, is refused, and both sides say why.

#[expect(clippy::module_inception, reason = "it is what the folder is about")]
mod cluster;
mod greeting;
mod guard;
mod identity;
mod judge;
mod line;
mod listen;
mod member;
mod roll;
mod seal;
mod tls;
mod whole;

pub use cluster::Cluster;
pub use greeting::{Greeted, Unwelcome};
pub use identity::Identity;
pub use judge::Misfit;
pub use member::{Member, MemberState};
pub use seal::Key;
pub use tls::{Tls, TlsError, TlsFiles};

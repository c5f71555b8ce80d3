//! `synctv subject …`

use clap::Subcommand;
use serde_json::json;
use synctv_domain::ActorId;

use super::{Failure, Outcome};
use crate::config::Config;
use crate::database::Session;

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum SubjectVerb {
    /// Destroy a person's key: their names, texts and reasons become unreadable for ever, in the log and in every backup
    /// of it. Running servers forget what they hold within seconds.
    Erase {
        /// usr_… or gst_…
        subject: ActorId,
    },
}

pub(super) async fn perform(verb: &SubjectVerb, config: &Config, as_json: bool) -> Result<Outcome, Failure> {
    let SubjectVerb::Erase { subject } = verb;
    let session = Session::open(config).await?;
    let erased = erase(&session, *subject).await;
    session.close().await?;
    let erased = erased?;
    if as_json {
        println!("{}", json!({ "subject": subject, "erased": erased }));
    } else if erased {
        println!("{subject} is erased");
    } else {
        println!("{subject} is not known, or was erased before");
    }
    Ok(if erased { Outcome::Done } else { Outcome::Found })
}

async fn erase(session: &Session, subject: ActorId) -> Result<bool, Failure> {
    synctv_postgres::prepare(&session.pool).await?;
    Ok(synctv_postgres::erase(&session.pool, subject).await?)
}

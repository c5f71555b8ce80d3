//! What comes with every call.

use std::net::IpAddr;
use std::time::Duration;

use synctv_domain::CommandId;
use synctv_edge::{Edge, Identity, Meter, Problem, bearer, limits, unauthenticated};
use tokio::time::Instant;
use tonic::Request;
use tonic::metadata::MetadataMap;

/// Where a call comes from, and how long its caller waits.
#[derive(Clone, Default)]
pub(crate) struct Call {
    pub(crate) meter: Meter,
    pub(crate) address: Option<IpAddr>,
    /// None: as long as it takes.
    pub(crate) deadline: Option<Instant>,
}

impl Call {
    pub(crate) fn of<T>(request: &Request<T>) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    /// What is left of the caller's time.
    pub(crate) fn within(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Who is reading; what they read is counted.
    pub(crate) async fn reader(&self, edge: &Edge, metadata: &MetadataMap) -> Result<Identity, Problem> {
        let identity = identify(edge, metadata)?;
        self.meter.take_of_actor(&limits::READS, identity.actor.id).await?;
        Ok(identity)
    }
}

/// Who is calling: `authorization: Bearer …`.
pub(crate) fn identify(edge: &Edge, metadata: &MetadataMap) -> Result<Identity, Problem> {
    edge.tokens.identify(token(metadata)?, edge.clock.now())
}

/// Makes sure that an operator is calling.
pub(crate) fn operator(edge: &Edge, metadata: &MetadataMap) -> Result<(), Problem> {
    edge.operator(token(metadata)?)
}

fn token(metadata: &MetadataMap) -> Result<&str, Problem> {
    let mut given = metadata.get_all("authorization").iter();
    let token = given.next().filter(|_| given.next().is_none()).and_then(|value| value.to_str().ok());
    token.and_then(bearer).ok_or_else(unauthenticated)
}

/// `idempotency-key`, if there is one.
pub(crate) fn idempotency_key(metadata: &MetadataMap) -> Result<Option<CommandId>, Problem> {
    let detail = "idempotency-key is one value of 1 to 255 printable ASCII characters";
    let bad = || Problem::bad_request("invalid_idempotency_key", detail);
    let mut given = metadata.get_all("idempotency-key").iter();
    let Some(key) = given.next() else { return Ok(None) };
    let key = key.to_str().ok().filter(|_| given.next().is_none()).and_then(|key| CommandId::parse(key).ok());
    key.map(Some).ok_or_else(bad)
}

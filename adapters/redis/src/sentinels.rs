//! The server that sentinels call the master.

use std::time::Duration;

use futures::future::join_all;
use redis::aio::MultiplexedConnection;
use redis::{ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::time::timeout;

use crate::way::{Host, Way, in_time, timed_out};

/// For the answer of a sentinel.
const ANSWER: Duration = Duration::from_millis(500);

/// Some sentinels, and the name by which they know the master.
pub(crate) struct Sentinels {
    /// To the master.
    pub(crate) way: Way,
    pub(crate) to_sentinels: Way,
    pub(crate) sentinels: Vec<Host>,
    pub(crate) service: String,
}

impl Sentinels {
    pub(crate) async fn connect(&self) -> Result<(Host, MultiplexedConnection), RedisError> {
        let mut last = timed_out();
        for master in self.masters().await? {
            match self.connect_to(&master).await {
                Ok(connection) => return Ok((master, connection)),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Whether this is still the master.
    pub(crate) async fn check(
        &self,
        connected: &Host,
        mut connection: MultiplexedConnection,
    ) -> Result<(), RedisError> {
        in_time(is_master(&mut connection)).await?;
        match self.masters().await {
            Ok(masters) if masters.first().is_some_and(|master| master != connected) => {
                Err((ErrorKind::Client, "the sentinels name another master").into())
            }
            // Sentinels that do not answer are none of the master's faults.
            _ => Ok(()),
        }
    }

    async fn connect_to(&self, master: &Host) -> Result<MultiplexedConnection, RedisError> {
        let mut connection = self.way.connect(master).await?;
        in_time(is_master(&mut connection)).await?;
        Ok(connection)
    }

    /// Whom most name comes first: one that was cut off names the master of before.
    async fn masters(&self) -> Result<Vec<Host>, RedisError> {
        let answers = join_all(self.sentinels.iter().map(|sentinel| async move {
            timeout(ANSWER, self.ask(sentinel)).await.unwrap_or_else(|_| Err(timed_out()))
        }));
        let (mut votes, mut last): (Vec<(Host, usize)>, _) = (Vec::new(), None);
        for answer in answers.await {
            match answer {
                Ok(master) => match votes.iter_mut().find(|(named, _)| *named == master) {
                    Some((_, count)) => *count += 1,
                    None => votes.push((master, 1)),
                },
                Err(error) => last = Some(error),
            }
        }
        votes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        match last {
            Some(error) if votes.is_empty() => Err(error),
            _ => Ok(votes.into_iter().map(|(master, _)| master).collect()),
        }
    }

    async fn ask(&self, sentinel: &Host) -> Result<Host, RedisError> {
        let mut connection = self.to_sentinels.connect(sentinel).await?;
        let mut ask = redis::cmd("SENTINEL");
        ask.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.service);
        let named: Option<(String, u16)> = ask.query_async(&mut connection).await?;
        let (name, port) = named.ok_or_else(|| {
            let detail = format!("{:?} at {sentinel}", self.service);
            RedisError::from((ErrorKind::MasterNameNotFoundBySentinel, "no such service", detail))
        })?;
        Ok(Host { name, port })
    }
}

/// A user who may not ask for the role is taken at the sentinels' word.
async fn is_master(connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
    let role = redis::cmd("ROLE").query_async::<Vec<Value>>(connection).await;
    match role {
        Ok(role) if role.first() == Some(&Value::BulkString(b"master".to_vec())) => Ok(()),
        Ok(_) => Err((ErrorKind::Server(ServerErrorKind::ReadOnly), "it is a master no longer, or not yet").into()),
        Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) => Ok(()),
        Err(error) => Err(error),
    }
}

//! A connection to the node of a cluster that has the key which is asked for.

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, ServerErrorKind, Value};

use crate::way::{Host, Way};

/// How often one command is sent on: to the right node, and once more when the slot moves meanwhile.
const REDIRECTS: usize = 5;

/// Goes where nodes point, and stays there. For one key at a time: one that waits blocks the next.
#[derive(Clone)]
pub(crate) struct Wanderer {
    way: Way,
    at: Host,
    connection: MultiplexedConnection,
}

/// Where a command has to go instead.
enum Redirect {
    /// For good.
    Moved(Host),
    /// This command only: the key is on its way.
    Ask(Host),
}

impl Wanderer {
    pub(crate) fn new(way: Way, at: Host, connection: MultiplexedConnection) -> Self {
        Self { way, at, connection }
    }

    fn redirect(&self, error: &RedisError) -> Option<Redirect> {
        let host = Host::read(error.redirect_node()?.0)?;
        // A node that does not know its own name means the host that was asked.
        let name = if host.name.is_empty() { self.at.name.clone() } else { host.name };
        let host = Host { name, port: host.port };
        Some(match error.kind() {
            ErrorKind::Server(ServerErrorKind::Ask) => Redirect::Ask(host),
            _ => Redirect::Moved(host),
        })
    }

    /// Goes there; for a key on its way, a connection that asks for the next command only.
    async fn follow(&mut self, redirect: Redirect) -> Result<Option<MultiplexedConnection>, RedisError> {
        match redirect {
            Redirect::Moved(host) => {
                self.connection = self.way.connect(&host).await?;
                self.at = host;
                Ok(None)
            }
            Redirect::Ask(host) => {
                let mut there = self.way.connect(&host).await?;
                redis::cmd("ASKING").query_async::<()>(&mut there).await?;
                Ok(Some(there))
            }
        }
    }
}

impl ConnectionLike for Wanderer {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let mut asked = None;
            for _ in 0..REDIRECTS {
                let there = asked.as_mut().unwrap_or(&mut self.connection);
                let answer = there.req_packed_command(command).await.and_then(Value::extract_error);
                let Some(redirect) = answer.as_ref().err().and_then(|error| self.redirect(error)) else {
                    return answer;
                };
                asked = self.follow(redirect).await?;
            }
            Err(astray())
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let mut asked = None;
            for _ in 0..REDIRECTS {
                let there = asked.as_mut().unwrap_or(&mut self.connection);
                let answers = there.req_packed_commands(pipeline, offset, count).await?;
                let refused = answers.iter().find_map(|answer| match answer {
                    Value::ServerError(error) => self.redirect(&error.clone().into()),
                    _ => None,
                });
                let Some(redirect) = refused else { return Ok(answers) };
                asked = self.follow(redirect).await?;
            }
            Err(astray())
        })
    }

    fn get_db(&self) -> i64 {
        0
    }
}

fn astray() -> RedisError {
    (ErrorKind::ClusterConnectionNotFound, "the nodes of the cluster point to each other").into()
}

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

    async fn go(&mut self, host: Host) -> Result<(), RedisError> {
        self.connection = self.way.connect(&host).await?;
        self.at = host;
        Ok(())
    }

    /// Answers of these commands, up to and without the first one that has to go elsewhere, and where that is.
    async fn send(
        &mut self,
        commands: &[Cmd],
        ask: Option<Host>,
    ) -> Result<(Vec<Value>, Option<Redirect>), RedisError> {
        let mut answers = match ask {
            None => all(&mut self.connection, commands.iter()).await?,
            Some(host) => {
                // What asks is good for one command.
                let asking = redis::cmd("ASKING");
                let commands = commands.iter().flat_map(|command| [&asking, command]);
                let answers = all(&mut self.way.connect(&host).await?, commands).await?;
                answers.into_iter().skip(1).step_by(2).collect()
            }
        };
        let elsewhere = answers.iter().enumerate().find_map(|(number, answer)| match answer {
            Value::ServerError(error) => self.redirect(&error.clone().into()).map(|redirect| (number, redirect)),
            _ => None,
        });
        let (number, redirect) = elsewhere.map_or((answers.len(), None), |(number, redirect)| (number, Some(redirect)));
        answers.truncate(number);
        Ok((answers, redirect))
    }

    /// Answers of all of them, in order.
    async fn wander(&mut self, mut commands: &[Cmd]) -> Result<Vec<Value>, RedisError> {
        let (mut answers, mut ask) = (Vec::with_capacity(commands.len()), None);
        for _ in 0..REDIRECTS {
            let (more, redirect) = self.send(commands, ask.take()).await?;
            commands = &commands[more.len()..];
            answers.extend(more);
            match redirect {
                None => return Ok(answers),
                Some(Redirect::Moved(host)) => self.go(host).await?,
                Some(Redirect::Ask(host)) => ask = Some(host),
            }
        }
        Err((ErrorKind::ClusterConnectionNotFound, "the nodes of the cluster point to each other").into())
    }
}

/// In one go; answers that are errors are among them.
async fn all<'a>(
    connection: &mut MultiplexedConnection,
    commands: impl Iterator<Item = &'a Cmd>,
) -> Result<Vec<Value>, RedisError> {
    let mut pipeline = Pipeline::new();
    for command in commands {
        pipeline.add_command(command.clone());
    }
    connection.req_packed_commands(&pipeline, 0, pipeline.len()).await
}

impl ConnectionLike for Wanderer {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move { Ok(self.wander(std::slice::from_ref(command)).await?.pop().unwrap_or(Value::Nil)) })
    }

    /// Not for transactions.
    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        _offset: usize,
        _count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let commands: Vec<_> = pipeline.cmd_iter().cloned().collect();
            self.wander(&commands).await
        })
    }

    fn get_db(&self) -> i64 {
        0
    }
}

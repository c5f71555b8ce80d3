//! Doing what a client asks.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use synctv_commands::{LogError, ReadError, Request, Signal};
use synctv_domain::{Command, ServerMs};
use tokio::time::Instant;

use super::ask::{Ask, Asked, From};
use super::end::End;
use super::following::Following;
use super::link::{Link, Told};
use super::session::Session;
use crate::command::order;
use crate::limits;
use crate::meter::{Limited, Meter};
use crate::performed::perform;
use crate::problem::Problem;

/// Between two messages that somebody types; others are overlooked.
const TYPING: Duration = Duration::from_secs(1);

impl<L: Link> Session<L> {
    /// Begins with a subscription. Who only reads has no use for anything else.
    pub(super) async fn begin(&mut self, from: From) -> Result<(), End> {
        match self.subscribe(from).await? {
            Ok(()) => Ok(()),
            Err(problem) => {
                self.link.say(Told::Refused { id: &Value::Null, problem: &problem }).await?;
                Err(End::UNAVAILABLE)
            }
        }
    }

    /// Does it, unless it is one too many.
    pub(super) async fn obey(&mut self, asked: Asked, limited: Option<Limited>) -> Result<(), End> {
        let received = self.edge.clock.now();
        let Asked { id, ask } = asked;
        let done = match (ask, limited) {
            (_, Some(limited)) => Err(limited.into()),
            (Ok(ask), None) => self.act(&id, ask, received).await?,
            (Err(problem), None) => Err(problem),
        };
        match done {
            Ok(()) => Ok(()),
            Err(problem) => self.link.say(Told::Refused { id: &id, problem: &problem }).await,
        }
    }

    async fn act(&mut self, id: &Value, ask: Ask, received: ServerMs) -> Result<Result<(), Problem>, End> {
        match ask {
            Ask::Subscribe(from) => return self.subscribe(from).await,
            Ask::Command { command, expect, key, if_match } => {
                let caller = self.who.caller(self.address);
                let request = Request { caller, command: *command, key, expect, if_match, within: None };
                self.order(id.clone(), request).await?;
            }
            Ask::Clock { t0 } => {
                let t2 = self.edge.clock.now();
                self.link.say(Told::Clock { t0: &t0, t1: received, t2 }).await?;
            }
            Ask::Tell(signal) => self.tell(signal),
            Ask::Auth { token } => return self.auth(id, &token).await,
        }
        Ok(Ok(()))
    }

    /// As a request would. What it costs is counted before the next message is heard, so that commands keep their order.
    async fn order(&mut self, id: Value, request: Request) -> Result<(), End> {
        let (rooms, metrics) = (self.edge.rooms.clone(), Arc::clone(&self.edge.metrics));
        let (room, over, meter) = (self.room, self.over, Meter::new(&self.edge, self.address));
        let who = (self.who.actor.id, request.key.is_some(), matches!(request.command, Command::Join(_)));
        let actor = who.0;
        let admitted = match meter.take_of_address(&limits::ADDRESS).await {
            Ok(()) => meter.command(actor, room, &request.command).await,
            limited => limited,
        };
        let command = async move {
            let counting = (&meter, &*metrics, over.commands(&metrics));
            let done = perform(counting, who, admitted, |wait| order(&rooms, room, request, wait)).await;
            (id, done)
        };
        self.replies.start(command).await;
        self.answer().await
    }

    fn tell(&mut self, signal: Signal) {
        if signal == Signal::Typing(true) {
            if self.typed.is_some_and(|typed| typed.elapsed() < TYPING) {
                return;
            }
            self.typed = Some(Instant::now());
        }
        if signal == Signal::Typing(false) {
            self.typed = None;
        }
        if let Some(attendance) = &self.attendance {
            attendance.tell(signal);
        }
    }

    async fn auth(&mut self, id: &Value, token: &str) -> Result<Result<(), Problem>, End> {
        let identity = match self.edge.tokens.identify(token, self.edge.clock.now()) {
            Ok(identity) if identity.actor.id == self.who.actor.id => identity,
            Ok(_) => return Ok(Err(Problem::bad_request("another_actor", "the token is somebody else's"))),
            Err(problem) => return Ok(Err(problem)),
        };
        // An older one takes nothing away.
        if identity.expires > self.who.expires {
            self.renew(identity);
        }
        self.link.say(Told::Renewed { id, expires: self.who.expires }).await?;
        Ok(Ok(()))
    }

    /// A new subscription takes the place of the one before.
    async fn subscribe(&mut self, from: From) -> Result<Result<(), Problem>, End> {
        let now = match self.edge.rooms.room(self.room, self.who.actor.id).await {
            Ok(now) => now,
            Err(ReadError::NotAMember) => return Err(End::FORBIDDEN),
            Err(error) => return Ok(Err(error.into())),
        };
        let (head, epoch) = (now.room.seq(), &now.epoch);
        let (after, opening) = match from {
            From::Snapshot => (head, Told::Snapshot(&now)),
            From::Now => (head, Told::Resumed { epoch, from: head, to: head }),
            From::At(place) => match place.lost(&epoch.name, head) {
                None => (place.seq, Told::Resumed { epoch, from: place.seq, to: head }),
                Some(reason) => {
                    self.edge.metrics.reset(reason);
                    (head, Told::Reset { reason, epoch, seq: head })
                }
            },
        };
        let cursor = match self.edge.hub.subscribe(self.room, after).await {
            Ok(cursor) if *cursor.epoch() == now.epoch => cursor,
            // The place was judged by a log that has been replaced since.
            Ok(_) => return Ok(Err(LogError::EpochChanged.into())),
            Err(error) => return Ok(Err(error.into())),
        };
        self.link.say(opening).await?;
        self.following = Following { cursor, opened: head, told: Some(after), judged: Instant::now() };
        self.answer().await?;
        Ok(Ok(()))
    }
}

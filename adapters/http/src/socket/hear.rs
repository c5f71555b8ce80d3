//! Doing what a client asks.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use synctv_commands::{Caller, LogError, Request, Signal};
use synctv_domain::Command;
use synctv_domain::ServerMs;
use tokio::time::Instant;

use super::ask::{self, Ask, From};
use super::connection::{Connection, Following};
use super::link::{self, End};
use super::wire;
use crate::limits;
use crate::meter::{Limited, Meter};
use crate::performed::perform;
use crate::problem::Problem;
use crate::routes::commands::order;

/// Between two messages that somebody types; others are overlooked.
const TYPING: Duration = Duration::from_secs(1);

impl Connection {
    /// Does it, unless it is one too many.
    pub(super) async fn obey(&mut self, text: &str, limited: Option<Limited>) -> Result<(), End> {
        let received = self.http.clock.now();
        let ask::Asked { id, ask } = ask::parse(text);
        let done = match (ask, limited) {
            (_, Some(limited)) => Err(limited.into()),
            (Ok(ask), None) => self.act(&id, ask, received).await?,
            (Err(problem), None) => Err(problem),
        };
        match done {
            Ok(()) => Ok(()),
            Err(problem) => self.link.say(wire::refused(&id, &problem)).await,
        }
    }

    async fn act(&mut self, id: &Value, ask: Ask, received: ServerMs) -> Result<Result<(), Problem>, End> {
        match ask {
            Ask::Subscribe(from) => return self.subscribe(from).await,
            Ask::Command { command, expect, key, if_match } => {
                let caller = Caller {
                    actor: self.who.actor,
                    display_name: self.who.display_name.clone(),
                    address: self.address,
                };
                let request = Request { caller, command: *command, key, expect, if_match };
                self.order(id.clone(), request).await?;
            }
            Ask::Clock { t0 } => self.link.say(wire::clock(&t0, received, self.http.clock.now())).await?,
            Ask::Tell(signal) => self.tell(signal),
            Ask::Auth { token } => return self.auth(id, &token).await,
        }
        Ok(Ok(()))
    }

    /// As a request would. What it costs is counted before the next message is heard, so that commands keep their order.
    async fn order(&mut self, id: Value, request: Request) -> Result<(), End> {
        let (rooms, metrics) = (self.http.rooms.clone(), Arc::clone(&self.http.metrics));
        let (room, meter) = (self.room, Meter::new(&self.http, self.address));
        let who = (self.who.actor.id, request.key.is_some(), matches!(request.command, Command::Join(_)));
        let actor = who.0;
        let admitted = match meter.take_of_address(&limits::ADDRESS).await {
            Ok(()) => meter.command(actor, room, &request.command).await,
            limited => limited,
        };
        let command = async move {
            let counting = (&meter, &*metrics, &metrics.socket_commands);
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
        self.attendance.tell(signal);
    }

    async fn auth(&mut self, id: &Value, token: &str) -> Result<Result<(), Problem>, End> {
        let identity = match self.http.tokens.identify(token, self.http.clock.now()) {
            Ok(identity) if identity.actor.id == self.who.actor.id => identity,
            Ok(_) => return Ok(Err(Problem::bad_request("another_actor", "the token is somebody else's"))),
            Err(problem) => return Ok(Err(problem)),
        };
        // An older one takes nothing away.
        if identity.expires > self.who.expires {
            self.renew(identity);
        }
        self.link.say(wire::renewed(id, self.who.expires)).await?;
        Ok(Ok(()))
    }

    /// A new subscription takes the place of the one before.
    async fn subscribe(&mut self, from: From) -> Result<Result<(), Problem>, End> {
        let now = match self.http.rooms.room(self.room, self.who.actor.id).await {
            Ok(now) => now,
            Err(synctv_commands::ReadError::NotAMember) => return Err(link::FORBIDDEN),
            Err(error) => return Ok(Err(error.into())),
        };
        let head = now.room.seq();
        let (after, opening) = match from {
            From::Snapshot => (head, wire::snapshot(&now)),
            From::Now => (head, wire::resumed(head, head)),
            From::At(place) => match place.lost(&now.epoch.name, head) {
                None => (place.seq, wire::resumed(place.seq, head)),
                Some(reason) => {
                    self.http.metrics.reset(reason);
                    (head, wire::reset(reason, &now.epoch, head))
                }
            },
        };
        let cursor = match self.http.hub.subscribe(self.room, after).await {
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

//! Signed tokens: who somebody is, and what a stream's address may open.

use std::net::IpAddr;

use http::StatusCode;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use synctv_commands::Caller;
use synctv_domain::{Actor, ActorId, DisplayName, RoomId, ServerMs};
use ulid::Ulid;

use crate::problem::Problem;

/// How long a ticket opens a socket, s.
const SOCKET_SECS: i64 = 30;

/// Until when a ticket made now opens a socket, in seconds of PostgreSQL time.
#[must_use]
pub fn socket_until(now: ServerMs) -> i64 {
    now.0 / 1000 + SOCKET_SECS
}

/// How long the address of a live stream is good, s.
const WATCH_SECS: i64 = 6 * 3600;

/// Until when the address of a live stream is good that is made now, in seconds of PostgreSQL time: no longer than the token
/// behind it.
#[must_use]
pub fn watch_until(identity: &Identity, now: ServerMs) -> i64 {
    identity.expires.min(now.0 / 1000 + WATCH_SECS)
}

/// What a token may be used for; one kind is never taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Use {
    Access,
    Sse,
    Ws,
    Watch,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: ActorId,
    #[serde(rename = "use")]
    usage: Use,
    /// Seconds of PostgreSQL time.
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<DisplayName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<RoomId>,
    /// Of what may be used once, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    once: Option<Once>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Once {
    /// A ULID.
    id: String,
    /// Seconds of PostgreSQL time.
    until: i64,
}

/// Opens one socket.
pub struct SocketTicket {
    /// Whose.
    pub identity: Identity,
    /// Its own.
    pub id: Ulid,
    /// For so long somebody could use it again.
    pub seconds: i64,
}

/// Who is calling, by a token that was checked.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who.
    pub actor: Actor,
    /// The name that rooms learn when they join.
    pub display_name: Option<DisplayName>,
    /// Seconds of PostgreSQL time.
    pub expires: i64,
}

impl Identity {
    /// Who asks, and from where.
    #[must_use]
    pub fn caller(&self, address: Option<IpAddr>) -> Caller {
        Caller { actor: self.actor, display_name: self.display_name.clone(), address }
    }
}

/// Signs and checks tokens.
pub struct Tokens {
    sign: EncodingKey,
    check: DecodingKey,
}

impl Tokens {
    /// With a key of any length, shared by all nodes.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self { sign: EncodingKey::from_secret(key), check: DecodingKey::from_secret(key) }
    }

    /// Good for everything that an actor may do.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn access(&self, actor: ActorId, name: DisplayName, exp: i64) -> Result<String, Problem> {
        self.issue(&Claims { sub: actor, usage: Use::Access, exp, name: Some(name), room: None, once: None })
    }

    /// Good for one room, and no longer than the token behind it.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sse_ticket(&self, identity: &Identity, room: RoomId) -> Result<String, Problem> {
        self.issue(&Claims {
            sub: identity.actor.id,
            usage: Use::Sse,
            exp: identity.expires,
            name: None,
            room: Some(room),
            once: None,
        })
    }

    /// Good for watching the live stream of one room.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn watch_ticket(&self, identity: &Identity, room: RoomId, exp: i64) -> Result<String, Problem> {
        let (sub, room) = (identity.actor.id, Some(room));
        self.issue(&Claims { sub, usage: Use::Watch, exp, name: None, room, once: None })
    }

    /// Good for one socket of one room, within 30 s; the socket may stay as long as the token behind it is good.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn socket_ticket(&self, identity: &Identity, room: RoomId, id: Ulid, now: ServerMs) -> Result<String, Problem> {
        self.issue(&Claims {
            sub: identity.actor.id,
            usage: Use::Ws,
            exp: identity.expires,
            name: identity.display_name.clone(),
            room: Some(room),
            once: Some(Once { id: id.to_string(), until: socket_until(now) }),
        })
    }

    /// Whether it was used before, the caller finds out.
    ///
    /// # Errors
    /// When it is no ticket for a socket of this room, or is over.
    pub fn redeem_socket(&self, ticket: &str, room: RoomId, now: ServerMs) -> Result<SocketTicket, Problem> {
        let (identity, claims) = self.open(ticket, now, Use::Ws)?;
        match claims.once {
            Some(Once { id, until }) if claims.room == Some(room) => {
                let id = Ulid::from_string(&id).map_err(|_| invalid())?;
                let seconds = until - now.0 / 1000;
                if seconds > 0 { Ok(SocketTicket { identity, id, seconds }) } else { Err(expired()) }
            }
            _ => Err(invalid()),
        }
    }

    /// Whose access token it is.
    ///
    /// # Errors
    /// When it is none, or has expired.
    pub fn identify(&self, token: &str, now: ServerMs) -> Result<Identity, Problem> {
        self.open(token, now, Use::Access).map(|(identity, _)| identity)
    }

    /// Whose ticket for this room's stream it is.
    ///
    /// # Errors
    /// When it is none, or has expired.
    pub fn redeem_sse(&self, ticket: &str, room: RoomId, now: ServerMs) -> Result<Identity, Problem> {
        let (identity, claims) = self.open(ticket, now, Use::Sse)?;
        if claims.room == Some(room) { Ok(identity) } else { Err(invalid()) }
    }

    /// Whose ticket for this room's live stream it is.
    ///
    /// # Errors
    /// When it is none, or has expired.
    pub fn redeem_watch(&self, ticket: &str, room: RoomId, now: ServerMs) -> Result<Identity, Problem> {
        let (identity, claims) = self.open(ticket, now, Use::Watch)?;
        if claims.room == Some(room) { Ok(identity) } else { Err(invalid()) }
    }

    fn issue(&self, claims: &Claims) -> Result<String, Problem> {
        encode(&Header::new(Algorithm::HS256), claims, &self.sign).map_err(|error| {
            tracing::error!(%error, "token.unsigned");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "no token could be made")
        })
    }

    fn open(&self, token: &str, now: ServerMs, usage: Use) -> Result<(Identity, Claims), Problem> {
        let mut validation = Validation::new(Algorithm::HS256);
        // Expiry is judged by PostgreSQL's time below, not by this machine's.
        validation.validate_exp = false;
        let claims: Claims = decode(token, &self.check, &validation).map_err(|_| invalid())?.claims;
        if claims.usage != usage {
            return Err(invalid());
        }
        if claims.exp.saturating_mul(1000) <= now.0 {
            return Err(expired());
        }
        let identity =
            Identity { actor: Actor { id: claims.sub }, display_name: claims.name.clone(), expires: claims.exp };
        Ok((identity, claims))
    }
}

/// The token of an `Authorization` field.
#[must_use]
pub fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Nobody is named.
#[must_use]
pub fn unauthenticated() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", "an access token is needed: Authorization: Bearer …")
}

fn expired() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "token_expired", "the token has expired")
}

fn invalid() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "invalid_token", "the token is not valid here")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T>(result: Result<T, Problem>) -> String {
        result
            .map_or_else(|problem| problem.body()["code"].as_str().unwrap_or_default().to_owned(), |_| "ok".to_owned())
    }

    #[test]
    fn a_token_opens_what_it_is_for_until_it_expires() {
        let tokens = Tokens::new(b"key");
        let (guest, room, other) = (ActorId::Guest(Ulid(1)), RoomId::new(Ulid(2)), RoomId::new(Ulid(3)));
        let name: DisplayName = serde_json::from_str("\"Ann\"").unwrap();
        let access = tokens.access(guest, name, 100).unwrap();
        let identity = tokens.identify(&access, ServerMs(99_999)).unwrap();
        let ticket = tokens.sse_ticket(&identity, room).unwrap();

        assert_eq!(code(tokens.identify(&access, ServerMs(100_000))), "token_expired");
        assert_eq!(code(tokens.redeem_sse(&ticket, room, ServerMs(0))), "ok");
        assert_eq!(code(tokens.redeem_sse(&ticket, other, ServerMs(0))), "invalid_token");
        assert_eq!(code(tokens.redeem_sse(&access, room, ServerMs(0))), "invalid_token");
        assert_eq!(code(tokens.identify(&ticket, ServerMs(0))), "invalid_token");
        assert_eq!(code(Tokens::new(b"other").identify(&access, ServerMs(0))), "invalid_token");
    }
}

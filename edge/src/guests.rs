//! Guests: an identity for the asking.

use synctv_domain::{ActorId, DisplayName, Timestamp};

use crate::edge::Edge;
use crate::limits;
use crate::meter::Meter;
use crate::problem::Problem;
use crate::tokens::{Identity, unauthenticated};

/// Somebody new.
#[derive(Debug)]
pub struct Guest {
    /// Who.
    pub id: ActorId,
    /// What they are called.
    pub display_name: DisplayName,
    /// What they show from now on.
    pub token: Token,
}

/// An access token. Shows itself to nobody.
pub struct Token {
    /// What is shown.
    pub text: String,
    /// Until when.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Edge {
    /// Makes somebody a guest.
    ///
    /// # Errors
    /// When their address has made too many, or the log is not available.
    pub async fn admit(&self, meter: &Meter, display_name: DisplayName) -> Result<Guest, Problem> {
        meter.take_of_address(&limits::GUESTS).await?;
        let id = ActorId::Guest(self.ids.ulid());
        self.subjects.admit(id).await?;
        let token = self.token(id, display_name.clone())?;
        Ok(Guest { id, display_name, token })
    }

    /// A new token for whoever has one that is still good.
    ///
    /// # Errors
    /// When they ask too often, or have no name.
    pub async fn renew(&self, meter: &Meter, identity: Identity) -> Result<Token, Problem> {
        let name = identity.display_name.ok_or_else(unauthenticated)?;
        meter.take_of_actor(&limits::TICKETS, identity.actor.id).await?;
        self.token(identity.actor.id, name)
    }

    fn token(&self, actor: ActorId, name: DisplayName) -> Result<Token, Problem> {
        let expires = self.clock.now().0 / 1000 + self.guest_secs;
        let text = self.tokens.access(actor, name, expires)?;
        Ok(Token { text, expires_at: Timestamp(expires.saturating_mul(1_000_000)) })
    }
}

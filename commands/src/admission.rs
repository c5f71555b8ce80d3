//! Passwords and tokens that come with commands: held against what is kept, before the decision, which sees only what was
//! found out.

use std::sync::Arc;
use std::time::Duration;

use synctv_domain::command::Password;
use synctv_domain::{Command, CredentialId, Event, JoinRule, Proof, Recorded, Room, RoomId};

use crate::error::{CommandError, LogError};
use crate::limits::{Limit, Limiter, network};
use crate::ports::Passwords;
use crate::rate::Rate;
use crate::request::{Caller, Reply, Revealed};
use crate::signed_token::SignedTokens;

/// Passwords that somebody may try or set.
const BY_ACTOR: Limit = Limit { name: "password_actor", rate: Rate { burst: 5, every: Duration::from_secs(12) } };
/// Passwords that may come from one address, whatever for: each costs a processor more than anything else that is asked.
const FROM_ADDRESS: Limit = Limit { name: "passwords", rate: Rate { burst: 40, every: Duration::from_secs(2) } };
/// Passwords that may be tried for one room from one address.
const BY_ADDRESS: Limit = Limit { name: "password_address", rate: Rate { burst: 10, every: Duration::from_secs(6) } };
/// Passwords that may be tried for one room, from wherever: guessing from many addresses is still guessing. Those with an
/// invite get in meanwhile.
const BY_ROOM: Limit = Limit { name: "password_room", rate: Rate { burst: 60, every: Duration::from_secs(5) } };

/// How many passwords may be tried and set.
pub const PASSWORD_LIMITS: [Limit; 4] = [BY_ACTOR, FROM_ADDRESS, BY_ADDRESS, BY_ROOM];

/// Where passwords are kept, how they and tokens are checked, and how often.
#[derive(Clone)]
pub struct Admission {
    /// Kept passwords.
    pub passwords: Arc<dyn Passwords>,
    /// Tokens of invites.
    pub invites: SignedTokens,
    /// Keys of live streams.
    pub live_keys: SignedTokens,
    /// Counts tries.
    pub limiter: Arc<dyn Limiter>,
}

impl Admission {
    /// Counts a try with a password. Whoever is refused has used nothing.
    pub(crate) async fn charge(
        &self,
        room: Option<RoomId>,
        caller: &Caller,
        command: &Command,
    ) -> Result<(), CommandError> {
        let charges = charges(room, caller, command);
        for (index, (limit, key)) in charges.iter().enumerate() {
            if let Some(wait) = self.limiter.take(limit, key).await.wait {
                for (limit, key) in &charges[..index] {
                    self.limiter.give_back(limit, key).await;
                }
                return Err(CommandError::TooManyPasswords { limit: limit.name, wait });
            }
        }
        Ok(())
    }

    /// Who knew the password was not guessing.
    pub(crate) async fn give_back(&self, room: Option<RoomId>, caller: &Caller, command: &Command) {
        for (limit, key) in charges(room, caller, command) {
            self.limiter.give_back(limit, &key).await;
        }
    }

    /// The command with another text in place of its password, the same one for the same password and salt. A trace of
    /// the command would otherwise be quicker to try passwords against than what is kept. Without a salt nobody asks.
    pub(crate) async fn disguised(&self, command: &Command, salt: Option<[u8; 16]>) -> Result<Command, LogError> {
        let Some(password) = command.password() else { return Ok(command.clone()) };
        let text = match salt {
            Some(salt) => self.passwords.digest(password, salt).await?,
            None => "-".to_owned(),
        };
        let text = Password::try_from(text).map_err(|error| LogError::Content(error.to_string()))?;
        Ok(command.clone().with_password(text))
    }

    /// Holds a joiner's password against the room's.
    pub(crate) async fn try_password(&self, room: &Room, password: &Password) -> Result<Proof, LogError> {
        let kept = room.credential().filter(|_| room.join_rule() == JoinRule::Password);
        let Some(credential) = kept else { return Ok(Proof::default()) };
        let right = self.passwords.verify(credential, password).await?;
        Ok(if right { proof_of(credential) } else { Proof { wrong: kept, ..Proof::default() } })
    }

    /// What is told to the caller alone, and again to whoever repeats the command.
    pub(crate) fn reveal(&self, reply: &Reply) -> Option<Revealed> {
        reply.events.iter().find_map(|recorded| match &recorded.event {
            Event::InviteCreated(made) => Some(Revealed::Token(self.invites.token(reply.room, made.invite_id.ulid()))),
            Event::LiveKeyCreated(made) => Some(Revealed::Key(self.live_keys.token(reply.room, made.key_id.ulid()))),
            _ => None,
        })
    }

    /// No event will name these any more. That they stay for now does no harm.
    pub(crate) async fn forget(&self, ids: Vec<CredentialId>) {
        if ids.is_empty() {
            return;
        }
        if let Err(error) = self.passwords.forget(&ids).await {
            tracing::debug!(%error, "password.not_forgotten");
        }
    }
}

/// What a password that is kept under this id proves.
pub(crate) fn proof_of(credential: CredentialId) -> Proof {
    Proof { credential: Some(credential), ..Proof::default() }
}

/// Where the password is kept that these events name.
pub(crate) fn named(events: &[Recorded]) -> Option<CredentialId> {
    events.iter().find_map(|recorded| match &recorded.event {
        Event::RoomCreated(created) => created.credential_id,
        Event::RoomJoinRuleSet(set) => set.credential_id,
        _ => None,
    })
}

fn charges(room: Option<RoomId>, caller: &Caller, command: &Command) -> Vec<(&'static Limit, String)> {
    let address = caller.address.map(|address| network(address).to_string());
    let mut charges = vec![(&BY_ACTOR, caller.actor.id.to_string())];
    charges.extend(address.clone().map(|address| (&FROM_ADDRESS, address)));
    if let (Some(room), Command::Join(_)) = (room, command) {
        charges.extend(address.map(|address| (&BY_ADDRESS, format!("{room} {address}"))));
        charges.push((&BY_ROOM, room.to_string()));
    }
    charges
}

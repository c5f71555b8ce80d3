//! Under what the outcome of a command is kept.

use sha2::{Digest, Sha256};
use synctv_domain::{ActorId, CommandId};

pub(crate) type CommandKey = [u8; 16];

/// Ids belong to their actor: the key is a digest of both. The id of an actor has no line break.
pub(crate) fn command_key(actor: ActorId, id: &CommandId) -> CommandKey {
    let digest = Sha256::new().chain_update(actor.to_string()).chain_update("\n").chain_update(id.as_str()).finalize();
    let mut key = CommandKey::default();
    key.copy_from_slice(&digest[..16]);
    key
}

//! Fingerprints of commands.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use synctv_domain::{ActorId, CommandId, Expect, RoomId};

use crate::append::Fingerprint;

/// Makes fingerprints. Keyed, so that a stored one does not confirm a guess of what was said.
#[derive(Clone)]
pub struct Fingerprints {
    keyed: Hmac<Sha256>,
}

impl Fingerprints {
    /// With the server's key, any length.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self { keyed: Hmac::new_from_slice(key).expect("HMAC takes a key of any length") }
    }

    /// For a password in a repeatable command: another one for every actor and command.
    pub(crate) fn salt(&self, actor: ActorId, key: &CommandId) -> [u8; 16] {
        let mut mac = self.keyed.clone();
        mac.update(b"password\0");
        mac.update(actor.to_string().as_bytes());
        mac.update(key.as_str().as_bytes());
        short(mac)
    }

    /// Of a command to a room; `None` when the command creates it.
    #[must_use]
    pub fn of(&self, room: Option<RoomId>, command: &str, expect: &Expect) -> Fingerprint {
        let mut mac = self.keyed.clone();
        let room = room.map(|id| id.to_string()).unwrap_or_default();
        let expect = [expect.settings, expect.members, expect.playlist, expect.playback];
        for part in [room.as_bytes(), command.as_bytes()] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        for seq in expect {
            mac.update(&[u8::from(seq.is_some())]);
            mac.update(&seq.unwrap_or_default().0.to_be_bytes());
        }
        short(mac)
    }
}

fn short(mac: Hmac<Sha256>) -> [u8; 16] {
    let digest: [u8; 32] = mac.finalize().into_bytes().into();
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}

impl std::fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprints")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differs_by_key_room_command_and_expectation() {
        let prints = Fingerprints::new(b"k");
        let room = RoomId::new(ulid::Ulid(7));
        let plain = prints.of(Some(room), "{}", &Expect::default());
        assert_eq!(plain, prints.of(Some(room), "{}", &Expect::default()));
        let expecting = Expect { playback: Some(synctv_domain::Seq(3)), ..Expect::default() };
        for other in [
            Fingerprints::new(b"l").of(Some(room), "{}", &Expect::default()),
            prints.of(None, "{}", &Expect::default()),
            prints.of(Some(room), "{ }", &Expect::default()),
            prints.of(Some(room), "{}", &expecting),
            prints.of(Some(room), "{}", &Expect { playback: Some(synctv_domain::Seq(-1)), ..Expect::default() }),
        ] {
            assert_ne!(plain, other);
        }
    }
}

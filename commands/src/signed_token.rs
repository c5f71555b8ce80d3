//! Tokens of invites, and keys of live streams: signed, so that none can be guessed, and made again whenever they are needed.
//! None is kept anywhere.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use synctv_domain::RoomId;
use synctv_domain::command::Secret;
use ulid::Ulid;

/// Bytes of the signature.
const SIGNATURE: usize = 16;

/// Makes and reads tokens of one kind.
#[derive(Clone)]
pub struct SignedTokens {
    keyed: Hmac<Sha256>,
    /// What a token begins with, so that it is known for what it is wherever it turns up.
    prefix: &'static str,
}

impl SignedTokens {
    /// Of invites; with a key of any length, shared by all nodes.
    #[must_use]
    pub fn of_invites(key: &[u8]) -> Self {
        Self::new(key, b"synctv invite 1\0", "synctv_invite_")
    }

    /// Of live streams; with a key of any length, shared by all nodes.
    #[must_use]
    pub fn of_live_keys(key: &[u8]) -> Self {
        Self::new(key, b"synctv live key 1\0", "synctv_live_")
    }

    /// The key signs other things as well, each under a label of its own.
    fn new(key: &[u8], label: &[u8], prefix: &'static str) -> Self {
        let mut keyed = Hmac::new_from_slice(key).expect("HMAC takes a key of any length");
        keyed.update(label);
        Self { keyed, prefix }
    }

    /// The token for what has this id in a room.
    #[must_use]
    pub fn token(&self, room: RoomId, id: Ulid) -> Secret {
        let signature: String =
            self.sign(room, id).finalize().into_bytes()[..SIGNATURE].iter().map(|byte| format!("{byte:02x}")).collect();
        Secret::new(format!("{}{id}{signature}", self.prefix))
    }

    /// The id of what a token is for in this room.
    #[must_use]
    pub fn read(&self, room: RoomId, token: &Secret) -> Option<Ulid> {
        let text = token.reveal().trim().strip_prefix(self.prefix)?;
        let (id, signature) = text.split_at_checked(ulid::ULID_LEN)?;
        let id = Ulid::from_string(id).ok().filter(|ulid| ulid.to_string() == id)?;
        let signature = bytes(signature)?;
        self.sign(room, id).verify_truncated_left(&signature).ok().map(|()| id)
    }

    fn sign(&self, room: RoomId, id: Ulid) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(&room.ulid().to_bytes());
        mac.update(&id.to_bytes());
        mac
    }
}

fn bytes(hex: &str) -> Option<[u8; SIGNATURE]> {
    let mut bytes = [0; SIGNATURE];
    if hex.len() != 2 * SIGNATURE || !hex.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (byte, index) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(hex.get(index..index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

impl std::fmt::Debug for SignedTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignedTokens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_room_key_and_kind_alone() {
        let tokens = SignedTokens::of_invites(b"k");
        let (room, other, id) = (RoomId::new(Ulid(1)), RoomId::new(Ulid(2)), Ulid(3));
        let token = tokens.token(room, id);
        assert_eq!(tokens.read(room, &token), Some(id));
        assert_eq!(tokens.read(other, &token), None);
        assert_eq!(SignedTokens::of_invites(b"l").read(room, &token), None);
        let renamed = token.reveal().replace("synctv_invite_", "synctv_live_");
        assert_eq!(SignedTokens::of_live_keys(b"k").read(room, &Secret::new(renamed)), None);
        assert_eq!(format!("{token:?}"), "Secret(…)");
    }

    #[test]
    fn a_token_with_one_other_character_is_none() {
        let (tokens, room) = (SignedTokens::of_live_keys(b"k"), RoomId::new(Ulid(1)));
        let token = tokens.token(room, Ulid(3));
        let text = token.reveal();
        for index in 0..text.len() {
            for other in ["0", "7", "a", "G", ""] {
                let changed = format!("{}{other}{}", &text[..index], &text[index + 1..]);
                if changed != text {
                    assert_eq!(tokens.read(room, &Secret::new(changed.clone())), None, "{changed}");
                }
            }
        }
        for nothing in ["", tokens.prefix, "é", &format!("{text}0")] {
            assert_eq!(tokens.read(room, &Secret::new(nothing.to_owned())), None, "{nothing}");
        }
    }
}

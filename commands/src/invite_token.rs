//! Tokens of invites: signed, so that none can be guessed, and made again whenever they are needed.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use synctv_domain::command::Secret;
use synctv_domain::{InviteId, RoomId};
use ulid::Ulid;

/// What a token begins with, so that it is known for what it is wherever it turns up.
const PREFIX: &str = "synctv_invite_";
/// Bytes of the signature.
const SIGNATURE: usize = 16;

/// Makes and reads tokens.
#[derive(Clone)]
pub struct InviteTokens {
    keyed: Hmac<Sha256>,
}

impl InviteTokens {
    /// With a key of any length, shared by all nodes.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        let mut keyed = Hmac::new_from_slice(key).expect("HMAC takes a key of any length");
        // The key signs other things as well.
        keyed.update(b"synctv invite 1\0");
        Self { keyed }
    }

    /// The token of an invite to a room.
    #[must_use]
    pub fn token(&self, room: RoomId, invite: InviteId) -> Secret {
        let signature: String = self.sign(room, invite).finalize().into_bytes()[..SIGNATURE]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Secret::new(format!("{PREFIX}{}{signature}", invite.ulid()))
    }

    /// The invite that a token to this room is of.
    #[must_use]
    pub fn read(&self, room: RoomId, token: &Secret) -> Option<InviteId> {
        let text = token.reveal().trim().strip_prefix(PREFIX)?;
        let (id, signature) = text.split_at_checked(ulid::ULID_LEN)?;
        let invite = InviteId::new(Ulid::from_string(id).ok().filter(|ulid| ulid.to_string() == id)?);
        let signature = bytes(signature)?;
        self.sign(room, invite).verify_truncated_left(&signature).ok().map(|()| invite)
    }

    fn sign(&self, room: RoomId, invite: InviteId) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(&room.ulid().to_bytes());
        mac.update(&invite.ulid().to_bytes());
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

impl std::fmt::Debug for InviteTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InviteTokens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_room_and_key_alone() {
        let tokens = InviteTokens::new(b"k");
        let (room, other, invite) = (RoomId::new(Ulid(1)), RoomId::new(Ulid(2)), InviteId::new(Ulid(3)));
        let token = tokens.token(room, invite);
        assert_eq!(tokens.read(room, &token), Some(invite));
        assert_eq!(tokens.read(other, &token), None);
        assert_eq!(InviteTokens::new(b"l").read(room, &token), None);
        assert_eq!(format!("{token:?}"), "Secret(…)");
    }

    #[test]
    fn a_token_with_one_other_character_is_none() {
        let (tokens, room) = (InviteTokens::new(b"k"), RoomId::new(Ulid(1)));
        let token = tokens.token(room, InviteId::new(Ulid(3)));
        let text = token.reveal();
        for index in 0..text.len() {
            for other in ["0", "7", "a", "G", ""] {
                let changed = format!("{}{other}{}", &text[..index], &text[index + 1..]);
                if changed != text {
                    assert_eq!(tokens.read(room, &Secret::new(changed.clone())), None, "{changed}");
                }
            }
        }
        for nothing in ["", PREFIX, "é", &format!("{text}0")] {
            assert_eq!(tokens.read(room, &Secret::new(nothing.to_owned())), None, "{nothing}");
        }
    }
}

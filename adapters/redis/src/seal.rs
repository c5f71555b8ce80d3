//! What nodes say to each other, sealed so that only they can say it.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use synctv_commands::Saying;

/// Bytes of a message; one of a node takes half of it.
const MOST: usize = 256 * 1024;
/// Bytes of the code in front of it.
const CODE: usize = 32;

/// Why nobody listens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nobody who knows the secret said it, or it was changed.
    Forged,
    /// It is none, though somebody who knows the secret said it: a version that is too different.
    Malformed,
    /// It was said on another incarnation of the log.
    Epoch,
}

/// The key of all nodes of one log.
#[derive(Clone)]
pub(crate) struct Seal(Hmac<Sha256>);

impl Seal {
    /// Another key than any that is made of the same secret for something else.
    pub(crate) fn new(secret: &[u8]) -> Self {
        let hmac = || Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        let key = hmac().chain_update(b"what nodes say of members").finalize().into_bytes();
        Self(Hmac::new_from_slice(&key).expect("HMAC takes a key of any length"))
    }

    /// A code of the rest, then the epoch and the message as JSON.
    pub(crate) fn close(&self, epoch: &str, saying: &Saying) -> Vec<u8> {
        let mut sealed = vec![0; CODE];
        serde_json::to_writer(&mut sealed, &(epoch, saying)).expect("plain data");
        let code = self.0.clone().chain_update(&sealed[CODE..]).finalize().into_bytes();
        sealed[..CODE].copy_from_slice(&code);
        sealed
    }

    pub(crate) fn open(&self, epoch: &str, channel: u8, sealed: &[u8]) -> Result<Saying, Refusal> {
        let Some((code, json)) = sealed.split_at_checked(CODE).filter(|_| sealed.len() <= MOST) else {
            return Err(Refusal::Forged);
        };
        self.0.clone().chain_update(json).verify_slice(code).map_err(|_| Refusal::Forged)?;
        let (said_on, saying) = serde_json::from_slice::<(String, Saying)>(json).map_err(|_| Refusal::Malformed)?;
        match saying.channel {
            _ if said_on != epoch => Err(Refusal::Epoch),
            said_in if said_in != channel => Err(Refusal::Forged),
            _ => Ok(saying),
        }
    }
}

#[cfg(test)]
mod tests {
    use synctv_commands::{NodeId, What};

    use super::*;

    fn saying() -> Saying {
        Saying { node: NodeId::default(), channel: 1, number: 7, what: What::Here { members: 3 } }
    }

    #[test]
    fn only_who_knows_the_secret_is_listened_to_in_the_same_channel_and_epoch() {
        let (seal, other) = (Seal::new(b"secret"), Seal::new(b"another"));
        let sealed = seal.close("e", &saying());
        assert_eq!(seal.open("e", 1, &sealed), Ok(saying()));
        assert_eq!(other.open("e", 1, &sealed), Err(Refusal::Forged));
        assert_eq!(seal.open("e", 2, &sealed), Err(Refusal::Forged));
        assert_eq!(seal.open("f", 1, &sealed), Err(Refusal::Epoch));
    }

    #[test]
    fn no_changed_bit_and_no_cut_goes_unnoticed() {
        let seal = Seal::new(b"secret");
        let sealed = seal.close("e", &saying());
        for bit in 0..8 * sealed.len() {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(seal.open("e", 1, &changed), Err(Refusal::Forged), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(seal.open("e", 1, &sealed[..length]), Err(Refusal::Forged), "{length} bytes");
        }
        assert_eq!(seal.open("e", 1, &vec![0; 2 * MOST]), Err(Refusal::Forged));
    }
}

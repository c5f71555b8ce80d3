//! Bytes under a key, bound to whom they are about.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, Payload};
use rand::RngCore;

const NONCE: usize = 12;

/// nonce ‖ ciphertext, bound to `about`.
pub(crate) fn seal(key: &Aes256Gcm, about: &str, clear: &[u8]) -> Vec<u8> {
    let mut nonce = [0; NONCE];
    rand::rng().fill_bytes(&mut nonce);
    let payload = Payload { msg: clear, aad: about.as_bytes() };
    let sealed = key.encrypt(&nonce.into(), payload).expect("AES-GCM seals anything below 64 GiB");
    [&nonce[..], &sealed].concat()
}

/// None: another key, or about something else.
pub(crate) fn unseal(key: &Aes256Gcm, about: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE>()?;
    key.decrypt(nonce.into(), Payload { msg: body, aad: about.as_bytes() }).ok()
}

//! Signatures as Standard Webhooks has them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use synctv_commands::WebhookSecret;

/// The value of `webhook-signature` for a delivery with this `webhook-id` and `webhook-timestamp` (s since 1970).
#[must_use]
pub fn sign(secret: &WebhookSecret, id: &str, seconds: i64, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).expect("HMAC takes a key of any length");
    let mac = mac.chain_update(format!("{id}.{seconds}.")).chain_update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// A secret as its receiver is told it: `whsec_<base64>`.
#[must_use]
pub fn shown(secret: &WebhookSecret) -> String {
    format!("whsec_{}", STANDARD.encode(secret.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `printf '%s' 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}' | openssl dgst -sha256 -mac HMAC
    /// -macopt hexkey:… -binary | base64`.
    #[test]
    fn a_signature_is_that_of_the_standard() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("it is base64");
        let secret = WebhookSecret::new(key);
        assert_eq!(shown(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}

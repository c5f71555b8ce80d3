//! Signed heads: what an auditor keeps, to prove later that the log still holds what it held.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::connect::pool::PgPool;
use crate::incarnation::{Head, Witness};
use crate::secrets::shared;

/// A head and the signature of the log's key over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// The head.
    #[serde(flatten)]
    pub head: Witness,
    /// Ed25519, base64.
    pub public_key: String,
    /// Ed25519 over the head's fields, a line each, base64.
    pub signature: String,
}

/// Why a head proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// It was signed by nobody, or changed.
    #[error("the head's signature does not fit")]
    Forged,
    /// It belongs to another log.
    #[error("the head was signed with another log's key")]
    OtherLog,
    /// The database did not answer.
    #[error("the log's key could not be read: {0}")]
    Database(#[from] sqlx::Error),
}

impl SignedHead {
    /// Signs a head with the log's key, which is made at the first use.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign(pool: &PgPool, head: &Head) -> Result<Self, sqlx::Error> {
        let key = key(pool).await?;
        let head = Witness {
            log_id: head.log_id.clone(),
            epoch: head.epoch.name.to_string(),
            generation: head.epoch.generation,
            position: head.position.0,
            hash: head.hash.clone(),
        };
        let signature = key.sign(message(&head).as_bytes());
        let public_key = STANDARD.encode(key.verifying_key().to_bytes());
        Ok(Self { head, public_key, signature: STANDARD.encode(signature.to_bytes()) })
    }

    /// The head, if the log's own key signed it.
    ///
    /// # Errors
    /// When it is forged, or of another log.
    pub async fn check(&self, pool: &PgPool) -> Result<&Witness, SignatureError> {
        self.verify()?;
        let own: Option<Vec<u8>> = sqlx::query_scalar("SELECT signing_key FROM log").fetch_one(pool).await?;
        let given = STANDARD.decode(&self.public_key).map_err(|_| SignatureError::Forged)?;
        if own.as_deref() == Some(&given) { Ok(&self.head) } else { Err(SignatureError::OtherLog) }
    }

    fn verify(&self) -> Result<(), SignatureError> {
        let bytes = |text: &str| STANDARD.decode(text).map_err(|_| SignatureError::Forged);
        let key: [u8; 32] = bytes(&self.public_key)?.try_into().map_err(|_| SignatureError::Forged)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| SignatureError::Forged)?;
        let signature = Signature::from_slice(&bytes(&self.signature)?).map_err(|_| SignatureError::Forged)?;
        key.verify_strict(message(&self.head).as_bytes(), &signature).map_err(|_| SignatureError::Forged)
    }
}

async fn key(pool: &PgPool) -> Result<SigningKey, sqlx::Error> {
    let seed: Result<[u8; 32], _> = shared(pool, "signing").await?.try_into();
    let key = SigningKey::from_bytes(&seed.map_err(|_| sqlx::Error::Decode("secrets.signing has 32 bytes".into()))?);
    sqlx::query("UPDATE log SET signing_key = $1 WHERE signing_key IS NULL")
        .bind(key.verifying_key().to_bytes().as_slice())
        .execute(pool)
        .await?;
    Ok(key)
}

fn message(head: &Witness) -> String {
    let Witness { log_id, epoch, generation, position, hash } = head;
    format!("synctv log head\n{log_id}\n{epoch}\n{generation}\n{position}\n{hash}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_head_is_no_longer_signed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let head = Witness { log_id: "l".into(), epoch: "e".into(), generation: 1, position: 5, hash: "ab".into() };
        let signed = SignedHead {
            signature: STANDARD.encode(key.sign(message(&head).as_bytes()).to_bytes()),
            public_key: STANDARD.encode(key.verifying_key().to_bytes()),
            head,
        };
        assert!(signed.verify().is_ok());
        let moved = SignedHead { head: Witness { position: 6, ..signed.head.clone() }, ..signed.clone() };
        let renamed = SignedHead { signature: "AAAA".to_owned(), ..signed };
        for changed in [moved, renamed] {
            assert!(changed.verify().is_err(), "{changed:?}");
        }
    }
}

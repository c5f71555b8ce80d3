//! Passwords of rooms: argon2id, in a table of their own.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, Mac};
use quick_cache::sync::Cache;
use rand::RngCore;
use sha2::Sha256;
use synctv_commands::{LogError, Passwords};
use synctv_domain::command::Password;
use synctv_domain::{CredentialId, RoomId};
use tokio::sync::Semaphore;

use crate::connect::pool::PgPool;
use crate::sqlstate::unavailable;

/// Passwords worked on at once: each takes 19 MiB, and a processor for tens of ms.
const AT_ONCE: usize = 2;
/// Passwords that wait for their turn; more are refused at once.
const WAITING: usize = 64;
/// Digests kept in memory, so that a repeated command costs no second one.
const DIGESTS: usize = 1024;

/// In the database, mixed with a key that a copy of the tables need not hold.
pub struct PgPasswords {
    pool: PgPool,
    pepper: [u8; 32],
    queue: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    /// By password and salt under a key that this process alone has.
    digests: Cache<[u8; 32], String>,
    key: Hmac<Sha256>,
}

impl PgPasswords {
    /// In this database, under the key that also wraps personal data.
    #[must_use]
    pub fn new(pool: PgPool, credential: &[u8; 32]) -> Self {
        let mut key = [0; 32];
        rand::rng().fill_bytes(&mut key);
        Self {
            pool,
            pepper: *credential,
            queue: Arc::new(Semaphore::new(WAITING)),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            digests: Cache::new(DIGESTS),
            key: Hmac::new_from_slice(&key).expect("HMAC takes a key of any length"),
        }
    }

    /// Away from the threads that serve everybody else, a few at a time.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> Result<T, String> + Send + 'static,
    ) -> Result<T, LogError> {
        let busy = |_| LogError::Unavailable("too many passwords at once".to_owned());
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| LogError::Unavailable("no passwords any more".to_owned()))?;
        let pepper = self.pepper;
        let worked = tokio::task::spawn_blocking(move || {
            // Held to the end of the work, also when nobody waits for it any longer.
            let _held = (place, turn);
            let params = Params::default();
            let hasher = Argon2::new_with_secret(&pepper, Algorithm::Argon2id, Version::V0x13, params);
            work(&hasher.map_err(|error| error.to_string())?)
        });
        worked.await.map_err(|error| error.to_string()).flatten().map_err(LogError::Unavailable)
    }
}

#[async_trait]
impl Passwords for PgPasswords {
    async fn keep(&self, room: RoomId, id: CredentialId, password: &Password) -> Result<(), LogError> {
        const SQL: &str = "INSERT INTO room_passwords (id, room_id, hash) VALUES ($1, $2, $3)";
        let mut salt = [0; 16];
        rand::rng().fill_bytes(&mut salt);
        let password = password.clone();
        let hash = self.work(move |argon2| {
            let hash = argon2.hash_password_with_salt(password.reveal().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
        });
        let (id, room) = (id.ulid().to_bytes(), room.ulid().to_bytes());
        let kept = sqlx::query(SQL).bind(id.as_slice()).bind(room.as_slice()).bind(hash.await?).execute(&self.pool);
        kept.await.map(drop).map_err(|error| unavailable(&error))
    }

    async fn verify(&self, id: CredentialId, password: &Password) -> Result<bool, LogError> {
        const SQL: &str = "SELECT hash FROM room_passwords WHERE id = $1";
        let found = sqlx::query_scalar(SQL).bind(id.ulid().to_bytes().to_vec()).fetch_optional(&self.pool);
        let found: Option<String> = found.await.map_err(|error| unavailable(&error))?;
        let Some(hash) = found else { return Ok(false) };
        let password = password.clone();
        self.work(move |argon2| {
            let hash = PasswordHash::new(&hash).map_err(|error| error.to_string())?;
            Ok(argon2.verify_password(password.reveal().as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn forget(&self, ids: &[CredentialId]) -> Result<(), LogError> {
        const SQL: &str = "DELETE FROM room_passwords WHERE id = ANY($1)";
        let ids: Vec<Vec<u8>> = ids.iter().map(|id| id.ulid().to_bytes().to_vec()).collect();
        let gone = sqlx::query(SQL).bind(ids).execute(&self.pool).await;
        gone.map(drop).map_err(|error| unavailable(&error))
    }

    async fn digest(&self, password: &Password, salt: [u8; 16]) -> Result<String, LogError> {
        let mut mac = self.key.clone();
        mac.update(&salt);
        mac.update(password.reveal().as_bytes());
        let known: [u8; 32] = mac.finalize().into_bytes().into();
        if let Some(digest) = self.digests.get(&known) {
            return Ok(digest);
        }
        let password = password.clone();
        let digest = self.work(move |argon2| {
            let mut digest = [0; 32];
            let done = argon2.hash_password_into(password.reveal().as_bytes(), &salt, &mut digest);
            done.map(|()| STANDARD_NO_PAD.encode(digest)).map_err(|error| error.to_string())
        });
        let digest = digest.await?;
        self.digests.insert(known, digest.clone());
        Ok(digest)
    }
}

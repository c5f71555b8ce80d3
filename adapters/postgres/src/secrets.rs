//! Secrets that the nodes of one log share.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::RngCore;
use sha2::{Digest, Sha256};

use crate::connect::pool::PgPool;

/// Keys are of 32 bytes. Settings win; what is not set is made once and kept in the database.
#[derive(Clone)]
pub struct Secrets {
    /// Signs access tokens and tickets.
    pub jwt: Vec<u8>,
    /// Wraps the subjects' keys.
    pub credential: [u8; 32],
    /// Makes fingerprints of commands.
    pub fingerprint: Vec<u8>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// Why there are no secrets.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The database did not answer.
    #[error("the shared secrets could not be read: {0}")]
    Database(#[from] sqlx::Error),
    /// Data was sealed under another key.
    #[error("SYNCTV_CREDENTIAL_KEY is not the key that this log's personal fields were sealed with")]
    WrongCredentialKey,
}

impl Secrets {
    /// From the settings, and from the database for what they leave out.
    ///
    /// # Errors
    /// When the database does not answer, or holds data under another credential key.
    pub async fn load(pool: &PgPool, jwt: Option<&str>, credential: Option<&str>) -> Result<Self, SecretError> {
        let jwt = match jwt {
            Some(given) => given.as_bytes().to_vec(),
            None => shared(pool, "jwt").await?,
        };
        let credential = match credential {
            Some(given) => Sha256::digest(given.as_bytes()).into(),
            None => Sha256::digest(shared(pool, "credential").await?).into(),
        };
        check_credential(pool, &credential).await?;
        Ok(Self { jwt, credential, fingerprint: shared(pool, "fingerprint").await? })
    }
}

/// The key that this log's personal fields are sealed with, for a look at a log that is there already; stores nothing.
/// None: it is a setting of the servers, and was not given.
///
/// # Errors
/// When the database does not answer, or another key was given.
pub async fn credential(pool: &PgPool, given: Option<&str>) -> Result<Option<[u8; 32]>, SecretError> {
    const SQL: &str = "SELECT value FROM secrets WHERE name = $1";
    let stored = |name: &'static str| sqlx::query_scalar::<_, Vec<u8>>(SQL).bind(name).fetch_optional(pool);
    let key: Option<[u8; 32]> = match given {
        Some(given) => Some(Sha256::digest(given.as_bytes()).into()),
        None => stored("credential").await?.map(|value| Sha256::digest(value).into()),
    };
    let first = stored("credential-check").await?;
    match key {
        Some(key) if first.is_none_or(|first| first == check(&key)) => Ok(Some(key)),
        Some(_) if given.is_some() => Err(SecretError::WrongCredentialKey),
        _ => Ok(None),
    }
}

/// What the nodes of one log know each other by: as given, or the one that is kept in the database.
///
/// # Errors
/// When the database does not answer.
pub async fn cluster_secret(pool: &PgPool, given: Option<&str>) -> Result<Vec<u8>, SecretError> {
    match given {
        Some(given) => Ok(given.as_bytes().to_vec()),
        None => Ok(shared(pool, "cluster").await?),
    }
}

/// What nodes know each other by and what signs tokens, for a look at a log that is there already; stores nothing. None: no
/// node has made them yet.
///
/// # Errors
/// When the database does not answer.
pub async fn peer_secrets(
    pool: &PgPool,
    cluster: Option<&str>,
    jwt: Option<&str>,
) -> Result<Option<(Vec<u8>, Vec<u8>)>, SecretError> {
    let kept = async |name: &str, given: Option<&str>| match given {
        Some(given) => Ok(Some(given.as_bytes().to_vec())),
        None => sqlx::query_scalar("SELECT value FROM secrets WHERE name = $1").bind(name).fetch_optional(pool).await,
    };
    Ok(kept("cluster", cluster).await?.zip(kept("jwt", jwt).await?))
}

/// The stored secret of that name, made when there is none. Of two nodes that make one, the first wins for both.
pub(crate) async fn shared(pool: &PgPool, name: &str) -> Result<Vec<u8>, sqlx::Error> {
    let mut fresh = vec![0; 32];
    rand::rng().fill_bytes(&mut fresh);
    keep(pool, name, &fresh).await
}

async fn keep(pool: &PgPool, name: &str, value: &[u8]) -> Result<Vec<u8>, sqlx::Error> {
    sqlx::query("INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(value)
        .execute(pool)
        .await?;
    sqlx::query_scalar("SELECT value FROM secrets WHERE name = $1").bind(name).fetch_one(pool).await
}

/// The first key used leaves a digest of itself; every other key is refused.
async fn check_credential(pool: &PgPool, key: &[u8; 32]) -> Result<(), SecretError> {
    let digest = check(key);
    let first = keep(pool, "credential-check", &digest).await?;
    if first == digest { Ok(()) } else { Err(SecretError::WrongCredentialKey) }
}

fn check(key: &[u8; 32]) -> Vec<u8> {
    STANDARD.encode(Sha256::digest([b"credential key check", &key[..]].concat())).into_bytes()
}

//! Personal fields: sealed under a key of their subject, unreadable when that key is destroyed.

mod words;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::KeyInit;
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::Sha256;
use sqlx::Connection;
use synctv_commands::{LogError, Subjects};
use synctv_domain::{ActorId, Personal};

use crate::connect::pool::{PgPool, soon};
use crate::incarnation::Incarnation;
use crate::sealed::{seal, unseal};
use crate::sqlstate::unavailable;

/// Subjects whose keys stay in memory, and for how long after another node may have destroyed one.
const CACHED: usize = 100_000;
const FORGET_AFTER: Duration = Duration::from_secs(60);

/// How soon a node learns that a key was destroyed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What can be done with a subject's key.
pub(crate) struct SubjectKey {
    cipher: Aes256Gcm,
    /// Makes words findable without telling them.
    words: Hmac<Sha256>,
}

/// A subject's key; none once it was destroyed.
type Key = Option<Arc<SubjectKey>>;
/// The keys at hand for one piece of work.
type Keys = HashMap<ActorId, Key>;

#[derive(Clone)]
struct Cached {
    key: Key,
    read_at: Instant,
}

/// Visits the personal fields of an event or a room.
pub(crate) type Visit<'a> = &'a mut (dyn FnMut(&mut dyn FnMut(ActorId, &mut Personal)) + Send);

/// The subjects' keys.
pub struct Vault {
    pool: PgPool,
    wrapping: Aes256Gcm,
    incarnation: Arc<Incarnation>,
    /// By the epoch's generation: a restored database may lack keys that there were before.
    cache: quick_cache::sync::Cache<(i64, ActorId), Cached>,
    erasures: AtomicU64,
}

impl Vault {
    /// With the key that wraps the subjects' keys.
    #[must_use]
    pub fn new(pool: PgPool, credential: &[u8; 32], incarnation: Arc<Incarnation>) -> Self {
        let cache = quick_cache::sync::Cache::new(CACHED);
        Self { pool, wrapping: Aes256Gcm::new(credential.into()), incarnation, cache, erasures: AtomicU64::new(0) }
    }

    /// How often this node has learnt that keys were destroyed.
    pub(crate) fn erasures(&self) -> u64 {
        self.erasures.load(Ordering::Acquire)
    }

    /// Forgets all keys whenever one was destroyed, by whomever, and tells so. Runs until dropped.
    pub async fn follow_erasures(&self, erased: impl Fn() + Send) {
        const SQL: &str = "SELECT count(*) FROM subject_keys WHERE destroyed_at IS NOT NULL";
        let mut known: Option<i64> = None;
        let mut tick = tokio::time::interval(LOOK_EVERY);
        loop {
            tick.tick().await;
            match soon(sqlx::query_scalar(SQL).fetch_one(&self.pool)).await {
                Ok(now) if known.replace(now) != Some(now) => {
                    self.forget();
                    self.erasures.fetch_add(1, Ordering::AcqRel);
                    erased();
                }
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "erasures.unread"),
            }
        }
    }

    /// Forgets all keys: those that were destroyed a moment ago are looked up again.
    pub(crate) fn forget(&self) {
        self.cache.clear();
    }

    /// Seals every clear field. What an author says about somebody who was erased is erased at once; an erased author
    /// cannot say anything.
    pub(crate) async fn seal(&self, author: ActorId, visit: Visit<'_>) -> Result<(), LogError> {
        let keys = self.keys(subjects(visit, |field| matches!(field, Personal::Clear(_))), true).await?;
        let mut erased = None;
        visit(&mut |subject, field| {
            if let Personal::Clear(text) = field {
                match keys.get(&subject) {
                    Some(Some(key)) => {
                        *field = Personal::Sealed(STANDARD_NO_PAD.encode(seal(
                            &key.cipher,
                            &subject.to_string(),
                            text.as_bytes(),
                        )));
                    }
                    _ if subject == author => erased = Some(subject),
                    _ => *field = Personal::Erased,
                }
            }
        });
        erased.map_or(Ok(()), |subject| Err(LogError::Erased(subject)))
    }

    /// Opens every sealed field; what has no key any more is erased.
    pub(crate) async fn open(&self, visit: Visit<'_>) -> Result<(), LogError> {
        let keys = self.keys(subjects(visit, |field| matches!(field, Personal::Sealed(_))), false).await?;
        visit(&mut |subject, field| {
            if let Personal::Sealed(sealed) = field {
                let key = keys.get(&subject).and_then(Option::as_deref);
                *field = key.and_then(|key| key.reveal(subject, sealed)).map_or(Personal::Erased, Personal::Clear);
            }
        });
        Ok(())
    }

    async fn keys(&self, mut wanted: HashSet<ActorId>, make: bool) -> Result<Keys, LogError> {
        let generation = self.incarnation.epoch().generation;
        let mut keys = Keys::new();
        wanted.retain(|subject| match self.cache.get(&(generation, *subject)) {
            Some(cached) if cached.read_at.elapsed() < FORGET_AFTER => {
                keys.insert(*subject, cached.key);
                false
            }
            _ => true,
        });
        if wanted.is_empty() {
            return Ok(keys);
        }
        let read_at = Instant::now();
        for (subject, key) in soon(self.fetch(&wanted, make)).await? {
            self.cache.insert((generation, subject), Cached { key: key.clone(), read_at });
            keys.insert(subject, key);
        }
        Ok(keys)
    }

    async fn fetch(&self, wanted: &HashSet<ActorId>, make: bool) -> Result<Vec<(ActorId, Key)>, LogError> {
        let names: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        if make {
            let fresh: Vec<Vec<u8>> = wanted.iter().map(|subject| self.wrap_fresh(*subject)).collect();
            sqlx::query("INSERT INTO subject_keys (subject, wrapped) SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT DO NOTHING")
                .bind(&names)
                .bind(&fresh)
                .execute(&self.pool)
                .await
                .map_err(|error| unavailable(&error))?;
        }
        let rows: Vec<(String, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT subject, wrapped FROM subject_keys WHERE subject = ANY($1)")
                .bind(&names)
                .fetch_all(&self.pool)
                .await
                .map_err(|error| unavailable(&error))?;
        rows.into_iter().map(|(name, wrapped)| self.unwrap(&name, wrapped.as_deref())).collect()
    }

    fn wrap_fresh(&self, subject: ActorId) -> Vec<u8> {
        let mut key = [0; 32];
        rand::rng().fill_bytes(&mut key);
        seal(&self.wrapping, &subject.to_string(), &key)
    }

    fn unwrap(&self, name: &str, wrapped: Option<&[u8]>) -> Result<(ActorId, Key), LogError> {
        let corrupt = || LogError::Corrupt(format!("the key of {name}"));
        let subject: ActorId = name.parse().map_err(|_| corrupt())?;
        let Some(wrapped) = wrapped else { return Ok((subject, None)) };
        let key = unseal(&self.wrapping, name, wrapped).ok_or_else(corrupt)?;
        Ok((subject, Some(Arc::new(SubjectKey::new(&key).ok_or_else(corrupt)?))))
    }
}

#[async_trait]
impl Subjects for Vault {
    async fn admit(&self, subject: ActorId) -> Result<(), LogError> {
        if self.incarnation.is_rewound() {
            return Err(LogError::Rewound);
        }
        self.keys([subject].into(), true).await.map(drop)
    }
}

/// Destroys a subject's key, and removes the words of their messages, which nobody can make again. False: they were not known,
/// or erased before.
///
/// # Errors
/// When the database does not answer.
pub async fn erase(pool: &PgPool, subject: ActorId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE subject_keys SET wrapped = NULL, destroyed_at = clock_timestamp() WHERE subject = $1 AND wrapped IS NOT NULL")
        .bind(subject.to_string())
        .execute(pool)
        .await?;
    forget_words(pool, subject).await?;
    Ok(done.rows_affected() > 0)
}

/// Without their key they are noise already; so that a rebuild finds the same rows.
async fn forget_words(pool: &PgPool, subject: ActorId) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    // Nothing is in a hurry here, and the table may be large.
    sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut *transaction).await?;
    sqlx::query("UPDATE chat_messages SET words = '{}' WHERE author = $1 AND words <> '{}'")
        .bind(subject.to_string())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

fn subjects(visit: Visit<'_>, wanted: fn(&Personal) -> bool) -> HashSet<ActorId> {
    let mut found = HashSet::new();
    visit(&mut |subject, field| {
        if wanted(field) {
            found.insert(subject);
        }
    });
    found
}

impl SubjectKey {
    fn new(key: &[u8]) -> Option<Self> {
        let mut derived = <Hmac<Sha256> as Mac>::new_from_slice(key).ok()?;
        derived.update(b"words of messages");
        let words = <Hmac<Sha256> as Mac>::new_from_slice(&derived.finalize().into_bytes()).ok()?;
        Some(Self { cipher: Aes256Gcm::new_from_slice(key).ok()?, words })
    }

    fn reveal(&self, subject: ActorId, sealed: &str) -> Option<String> {
        let bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
        String::from_utf8(unseal(&self.cipher, &subject.to_string(), &bytes)?).ok()
    }
}

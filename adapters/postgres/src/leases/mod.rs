//! Leases: who does which work, among all nodes.

mod live;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::PgConnection;
use synctv_projections::{Leases, ProjectionError, Token};

pub use self::live::{LiveRow, PgLiveClaims, kick_live, live_rows};
use crate::connect::pool::{PgPool, soon};
use crate::projections::{is_projection, should_have, should_share};
use crate::sqlstate::projection_failure as failure;

/// For how long a lease holds that is not renewed, s.
const TERM: f64 = 5.0;
/// How long a node leaves work to others that it shares; they look once a second.
const OFFER: Duration = Duration::from_millis(2500);
/// How soon it shares the same work again: perhaps nobody else can do it.
const OFFERS: Duration = Duration::from_secs(60);

/// A piece of work that this node has, and the number that tells this holder from all before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Of what.
    pub work: String,
    /// Grows with each new owner: the fencing token.
    pub token: i64,
}

impl Lease {
    /// Holds in SQL whose `$1` is the work and `$2` the token, unless somebody else has had the work since; nobody takes it
    /// until the end of the transaction.
    pub const HELD: &str = "EXISTS (SELECT FROM leases l WHERE l.name = $1 AND l.token = $2 FOR SHARE)";
}

/// This node's leases.
pub struct PgLeases {
    pool: PgPool,
    /// Another one with each start, so that work of an earlier one is never taken for its own.
    node: String,
    /// What it is called.
    name: String,
    given_up: AtomicBool,
    /// When this node last let others have some work.
    offered: Mutex<HashMap<String, Instant>>,
}

impl PgLeases {
    /// Of the node of this name.
    #[must_use]
    pub fn new(pool: PgPool, node: String) -> Self {
        Self { pool, name: node.clone(), node, given_up: AtomicBool::new(false), offered: Mutex::default() }
    }

    /// Under a name that is kept across restarts.
    #[must_use]
    pub fn called(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// Says that this node is here to work. Whether no other live node has its name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn announce(&self) -> Result<bool, ProjectionError> {
        soon(self.try_announce()).await.map_err(|error| failure(&error))
    }

    async fn try_announce(&self) -> Result<bool, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let held = hold(&mut connection, &format!("node/{}", self.name), &self.node).await?.is_some();
        // Of nodes that died.
        let forgotten = sqlx::query(
            "DELETE FROM leases WHERE name LIKE 'node/%' AND until < clock_timestamp() - interval '1 hour'",
        );
        forgotten.execute(&mut *connection).await?;
        Ok(held)
    }

    /// Gives all leases back, so that other nodes need not wait for their end. Takes none any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_up(&self) -> Result<(), ProjectionError> {
        self.given_up.store(true, Ordering::Release);
        let gone = sqlx::query("UPDATE leases SET until = '-infinity' WHERE owner = $1")
            .bind(&self.node)
            .execute(&self.pool)
            .await;
        gone.map(drop).map_err(|error| failure(&error))
    }

    /// Whether others were let have some work so recently.
    fn offered(&self, lately: Duration, work: &str) -> bool {
        self.offers().get(work).is_some_and(|at| at.elapsed() < lately)
    }

    fn offers(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.offered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets others have some work.
    pub(crate) async fn end(&self, work: &str) -> Result<(), sqlx::Error> {
        soon(async {
            let mut connection = self.pool.acquire().await?;
            give_back(&mut connection, work, &self.node).await
        })
        .await
    }

    /// Takes or keeps some work for a few seconds. None: another node has it, or should have it.
    pub(crate) async fn take(&self, work: &str) -> Result<Option<Lease>, sqlx::Error> {
        if self.given_up.load(Ordering::Acquire) || self.offered(OFFER, work) {
            return Ok(None);
        }
        soon(self.try_take(work)).await
    }

    async fn try_take(&self, work: &str) -> Result<Option<Lease>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        if is_projection(work) && !should_have(&mut connection, work, &self.node).await? {
            return Ok(None);
        }
        let Some(token) = hold(&mut connection, work, &self.node).await? else { return Ok(None) };
        if is_projection(work) && !self.offered(OFFERS, work) && should_share(&mut connection, work, &self.node).await?
        {
            give_back(&mut connection, work, &self.node).await?;
            self.offers().insert(work.to_owned(), Instant::now());
            return Ok(None);
        }
        Ok(Some(Lease { work: work.to_owned(), token }))
    }
}

#[async_trait]
impl Leases for PgLeases {
    async fn hold(&self, work: &str) -> Result<Option<Token>, ProjectionError> {
        let lease = self.take(work).await.map_err(|error| failure(&error))?;
        Ok(lease.map(|lease| Token(lease.token)))
    }

    async fn give_back(&self, work: &str) -> Result<(), ProjectionError> {
        self.end(work).await.map_err(|error| failure(&error))
    }
}

/// Takes a lease that is free or over, or renews one's own: its token, which grows with each new owner.
pub(crate) async fn hold(connection: &mut PgConnection, work: &str, owner: &str) -> Result<Option<i64>, sqlx::Error> {
    const SQL: &str = "INSERT INTO leases AS l (name, owner, token, until) \
           VALUES ($1, $2, 1, clock_timestamp() + $3 * interval '1 second') \
         ON CONFLICT (name) DO UPDATE SET owner = $2, until = excluded.until, \
           token = l.token + CASE WHEN l.owner = $2 THEN 0 ELSE 1 END \
         WHERE l.owner = $2 OR l.until < clock_timestamp() RETURNING token";
    sqlx::query_scalar(SQL).bind(work).bind(owner).bind(TERM).fetch_optional(connection).await
}

/// Ends a lease of one's own. Its row stays, and with it the token.
pub(crate) async fn give_back(connection: &mut PgConnection, work: &str, owner: &str) -> Result<(), sqlx::Error> {
    const SQL: &str = "UPDATE leases SET until = '-infinity' WHERE name = $1 AND owner = $2";
    sqlx::query(SQL).bind(work).bind(owner).execute(connection).await.map(drop)
}

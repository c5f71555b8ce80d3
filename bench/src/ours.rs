//! A node of SyncTV without its transports: the write side over PostgreSQL, wired as the server does it.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{
    Admission, Audience, Clock, Epoch, FanOut, Fingerprints, Ids, Outside, Rooms, Settings, Shown, SignedTokens,
    Subjects, Unlimited,
};
use synctv_domain::{ActorId, Company, Recorded, RoomId};
use synctv_postgres::{Incarnation, PgClock, PgLog, PgPasswords, PgPool, RandomIds, Secrets, Vault, connect, migrate};
use tokio::sync::watch;
use ulid::Ulid;

use crate::failure::Failure;

/// Connections for everything but the append.
const CONNECTIONS: u32 = 8;

/// Nobody listens.
struct Silence;

impl Audience for Silence {
    fn delay_ms(&self, _: RoomId) -> Option<i64> {
        None
    }

    fn company(&self, _: RoomId) -> Company {
        Company::default()
    }

    fn stalled(&self, _: RoomId) -> Vec<(ActorId, Duration)> {
        Vec::new()
    }

    fn changes(&self, _: RoomId) -> Option<watch::Receiver<u64>> {
        None
    }
}

impl FanOut for Silence {
    fn publish(&self, _: RoomId, _: &Epoch, _: Arc<[Recorded]>) {}

    fn publish_read(&self, _: RoomId, _: &Epoch, _: &[Shown]) {}

    fn follows(&self, _: RoomId) -> bool {
        false
    }
}

/// One node.
pub struct Node {
    pub pool: PgPool,
    pub rooms: Rooms,
    vault: Arc<Vault>,
}

impl Node {
    /// On a database whose schema is brought up to date first.
    pub async fn open(url: &str) -> Result<Self, Failure> {
        let pool = connect(url, CONNECTIONS).await?;
        migrate(&pool).await?;
        Self::over(pool).await
    }

    /// One that has not seen anything yet, on a pool in use.
    pub async fn over(pool: PgPool) -> Result<Self, Failure> {
        let secrets = Secrets::load(&pool, None, None).await?;
        let fresh = (random_ulid(), random_ulid());
        let incarnation = Arc::new(Incarnation::open(&pool, fresh, None).await?);
        let vault = Arc::new(Vault::new(pool.clone(), &secrets.credential, Arc::clone(&incarnation)));
        let log = Arc::new(PgLog::new(pool.clone(), Arc::clone(&vault), incarnation, None));
        let clock: Arc<dyn Clock> = Arc::new(PgClock::start(&pool).await?);
        let ids: Arc<dyn Ids> = Arc::new(RandomIds::new(Arc::clone(&clock)));
        let prints = Fingerprints::new(&secrets.fingerprint);
        // A command that hits the deadline would hide how slow it was.
        let settings = Settings { deadline: Duration::from_secs(60), ..Settings::default() };
        let admission = Admission {
            passwords: Arc::new(PgPasswords::new(pool.clone(), &secrets.credential)),
            invites: SignedTokens::of_invites(&secrets.jwt),
            live_keys: SignedTokens::of_live_keys(&secrets.jwt),
            limiter: Arc::new(Unlimited),
        };
        let outside = Outside { log, fan_out: Arc::new(Silence), audience: Arc::new(Silence), clock, ids };
        let rooms = Rooms::new(outside, prints, admission, &settings);
        Ok(Self { pool, rooms, vault })
    }

    /// What a server does when somebody signs in.
    pub async fn admit(&self, actor: ActorId) -> Result<(), Failure> {
        Ok(self.vault.admit(actor).await?)
    }

    /// Process ids of the sessions that append to this log; those of nodes that were let go may linger among them.
    pub async fn appenders(&self) -> Result<Vec<String>, Failure> {
        const SQL: &str = "SELECT pid::text FROM pg_stat_activity \
             WHERE application_name = 'synctv-append' AND datname = current_database()";
        Ok(sqlx::query_scalar(SQL).fetch_all(&self.pool).await?)
    }

    /// The last position.
    pub async fn head(&self) -> Result<i64, Failure> {
        const SQL: &str = "SELECT coalesce(max(position), 0) FROM events";
        Ok(sqlx::query_scalar(SQL).fetch_one(&self.pool).await?)
    }

    /// Events and appends after a position. All events of an append, and no others, were recorded at one moment.
    pub async fn since(&self, position: i64) -> Result<(i64, i64), Failure> {
        const SQL: &str = "SELECT count(*), count(DISTINCT recorded_at) FROM events WHERE position > $1";
        Ok(sqlx::query_as(SQL).bind(position).fetch_one(&self.pool).await?)
    }
}

/// An id from nowhere in particular.
pub fn random_ulid() -> Ulid {
    Ulid(rand::random())
}

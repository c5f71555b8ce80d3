//! The peer: postgres-es as published, with an aggregate that appends one comparable event per command.

use std::sync::Arc;
use std::time::Duration;

use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{Aggregate, AggregateError, CqrsFramework, DomainEvent};
use postgres_es::PostgresEventRepository;
use rand::Rng;
use serde::{Deserialize, Serialize};
use sqlx::{Executor, PgPool};

use crate::drive::{Load, Worker, drive};
use crate::failure::Failure;
use crate::ours::random_ulid;
use crate::postgres::PrivatePostgres;
use crate::schema;

/// Makes the stored JSON about as long as payload and metadata of ours together.
const TEXT: usize = 264;
const DATABASE: &str = "stock";
const POOLS: [u32; 3] = [10, 16, 32];

/// A room as simple as can be.
#[derive(Default, Serialize, Deserialize)]
struct Room {
    messages: u64,
}

struct Post {
    text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Posted { message_id: String, author: String, text: String },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        "posted".to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

/// Nothing is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("refused")]
struct Refused;

impl Aggregate for Room {
    const TYPE: &'static str = "room";
    type Command = Post;
    type Event = Event;
    type Error = Refused;
    type Services = ();

    async fn handle(&mut self, post: Post, (): &(), sink: &EventSink<Self>) -> Result<(), Refused> {
        let event = Event::Posted {
            message_id: format!("msg_{}", random_ulid()),
            author: format!("gst_{}", random_ulid()),
            text: post.text,
        };
        sink.write(event, self).await;
        Ok(())
    }

    fn apply(&mut self, Event::Posted { .. }: Event) {
        self.messages += 1;
    }
}

type Framework = CqrsFramework<Room, PersistedEventStore<PostgresEventRepository, Room>>;

struct Poster {
    framework: Arc<Framework>,
    ids: Arc<[String]>,
}

impl Worker for Poster {
    async fn step(&mut self) -> Result<bool, Failure> {
        let id = &self.ids[rand::rng().random_range(0..self.ids.len())];
        let text = format!("{:x>TEXT$}", random_ulid());
        match self.framework.execute(id, Post { text }).await {
            Ok(()) => Ok(true),
            Err(AggregateError::AggregateConflict) => Ok(false),
            Err(error) => Err(Failure::Stock(error.to_string())),
        }
    }
}

/// One run in a new database, with nothing lost.
pub async fn run(
    postgres: &PrivatePostgres,
    connections: u32,
    aggregates: usize,
    in_flight: usize,
    length: Duration,
) -> Result<Load, Failure> {
    let pool = schema::pool(&schema::fresh(postgres, DATABASE).await?, connections).await?;
    pool.execute(schema::STOCK).await?;
    let load = drive(workers(&pool, aggregates, in_flight), length).await?;
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&pool).await?;
    pool.close().await;
    if u64::try_from(stored) != Ok(load.accepted) {
        return Err(Failure::Lost { what: "stock postgres-es".to_owned(), accepted: load.accepted, stored });
    }
    Ok(load)
}

fn workers(pool: &PgPool, aggregates: usize, in_flight: usize) -> Vec<Poster> {
    let store = PersistedEventStore::new_event_store(PostgresEventRepository::new(pool.clone()));
    let framework = Arc::new(CqrsFramework::new(store, Vec::new(), ()));
    let ids: Arc<[String]> = (0..aggregates).map(|_| format!("room_{}", random_ulid())).collect();
    let poster = || Poster { framework: Arc::clone(&framework), ids: Arc::clone(&ids) };
    (0..in_flight).map(|_| poster()).collect()
}

/// The pool size that serves it best at 64 in flight.
pub async fn best_pool(postgres: &PrivatePostgres, aggregates: usize, length: Duration) -> Result<u32, Failure> {
    let mut best = (0.0, POOLS[0]);
    for connections in POOLS {
        let rate = run(postgres, connections, aggregates, 64, length).await?.rate();
        eprintln!("stock with {connections} connections: {rate:.0} commands/s");
        if rate > best.0 {
            best = (rate, connections);
        }
    }
    Ok(best.1)
}

//! What only the database knows, looked up when somebody asks for metrics.

use std::time::Duration;

use prometheus::proto::MetricFamily;
use prometheus::{Gauge, GaugeVec, IntGauge, IntGaugeVec, Opts, Registry};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Row};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::append::TOPIC;
use crate::connect::pool::PgPool;
use crate::webhooks::WebhookMeasures;

const VALID: &str = "constant names are valid";
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(1);
/// However often somebody asks, the database is asked no more often than this.
const FRESH: Duration = Duration::from_secs(1);

const UP: &str = "synctv_postgresql_up";

/// Two ends of an index tell how long the outbox is: it is emptied from its beginning, and may hold millions of rows.
const LOG: &str = "SELECT h.position AS head, coalesce(o.last - o.first + 1, 0) AS rows, \
       coalesce(greatest(extract(epoch FROM clock_timestamp() - e.recorded_at), 0), 0)::float8 AS age \
     FROM (SELECT coalesce(max(position), 0) AS position FROM events) h \
     CROSS JOIN (SELECT min(position) AS first, max(position) AS last FROM outbox WHERE topic = $1) o \
     LEFT JOIN events e ON e.position = o.first";

const PROJECTIONS: &str = "SELECT p.name, greatest(h.position - coalesce(c.position, 0), 0) AS events, \
       coalesce(greatest(extract(epoch FROM clock_timestamp() - n.recorded_at), 0), 0)::float8 AS seconds, \
       (c.poison_position IS NOT NULL)::int::bigint AS stopped \
     FROM unnest($1::text[]) AS p(name) LEFT JOIN checkpoints c USING (name) \
     CROSS JOIN (SELECT coalesce(max(position), 0) AS position FROM events) h \
     LEFT JOIN LATERAL (SELECT e.recorded_at FROM events e WHERE e.position > coalesce(c.position, 0) \
                        ORDER BY e.position LIMIT 1) n ON true";

/// Looks at most once a second, over a connection of its own, so that asking is in nobody's way.
pub struct Measures {
    options: PgConnectOptions,
    projections: Vec<&'static str>,
    last: Mutex<Last>,
    registry: Registry,
    up: IntGauge,
    head: IntGauge,
    outbox_rows: IntGauge,
    outbox_age: Gauge,
    lag_events: IntGaugeVec,
    lag_seconds: GaugeVec,
    stopped: IntGaugeVec,
    webhooks: WebhookMeasures,
}

#[derive(Default)]
struct Last {
    /// Idle.
    connection: Option<PgConnection>,
    looked: Option<Instant>,
}

impl Measures {
    /// Of the database of a pool, which is not used itself, and of these projections.
    #[must_use]
    pub fn new(pool: &PgPool, projections: Vec<&'static str>) -> Self {
        let options = pool.connect_options().as_ref().clone();
        let gauge = |name, help| IntGauge::new(name, help).expect(VALID);
        let age = "Age of the oldest event that the outbox still holds";
        let events = Opts::new("synctv_projection_lag_events", "Events of the log that a read model does not hold yet");
        let seconds = Opts::new("synctv_projection_lag_seconds", "Age of the first event that a read model lacks");
        let stopped =
            Opts::new("synctv_projection_stopped", "1 while an event that it cannot take in stops a read model");
        let measures = Self {
            options: options.application_name("synctv-metrics").options([("statement_timeout", "1s")]),
            projections,
            last: Mutex::default(),
            registry: Registry::new(),
            up: gauge(UP, "1 when PostgreSQL answered within a second, else 0 and what it would tell is missing"),
            head: gauge("synctv_log_head_position", "Position of the last event of the log"),
            outbox_rows: gauge("synctv_outbox_rows", "Events in the outbox"),
            outbox_age: Gauge::new("synctv_outbox_oldest_age_seconds", age).expect(VALID),
            lag_events: IntGaugeVec::new(events, &["projection"]).expect(VALID),
            lag_seconds: GaugeVec::new(seconds, &["projection"]).expect(VALID),
            stopped: IntGaugeVec::new(stopped, &["projection"]).expect(VALID),
            webhooks: WebhookMeasures::new(),
        };
        measures.register().expect(VALID);
        measures
    }

    fn register(&self) -> prometheus::Result<()> {
        for gauge in [&self.up, &self.head, &self.outbox_rows] {
            self.registry.register(Box::new(gauge.clone()))?;
        }
        self.registry.register(Box::new(self.outbox_age.clone()))?;
        self.registry.register(Box::new(self.lag_events.clone()))?;
        self.registry.register(Box::new(self.lag_seconds.clone()))?;
        self.registry.register(Box::new(self.stopped.clone()))?;
        self.webhooks.register(&self.registry)
    }

    /// What can be told now: old values are worse than none.
    pub async fn gather(&self) -> Vec<MetricFamily> {
        let mut last = self.last.lock().await;
        if last.looked.is_none_or(|looked| looked.elapsed() >= FRESH) {
            // What does not come back, be it that the one who asked has gone, is closed.
            let idle = last.connection.take();
            let looked = timeout(PATIENCE, self.look(idle)).await;
            self.up.set(i64::from(matches!(looked, Ok(Ok(_)))));
            match looked {
                Ok(Ok(connection)) => last.connection = Some(connection),
                Ok(Err(error)) => tracing::debug!(%error, "metrics.unread"),
                Err(_) => tracing::debug!("metrics.unread: no answer in time"),
            }
            last.looked = Some(Instant::now());
        }
        let mut found = self.registry.gather();
        if self.up.get() == 0 {
            found.retain(|family| family.name() == UP);
        }
        found
    }

    async fn look(&self, idle: Option<PgConnection>) -> Result<PgConnection, sqlx::Error> {
        let mut connection = match idle {
            Some(connection) => connection,
            None => PgConnection::connect_with(&self.options).await?,
        };
        let log = sqlx::query(LOG).bind(TOPIC).fetch_one(&mut connection).await?;
        let lags = sqlx::query(PROJECTIONS).bind(&self.projections).fetch_all(&mut connection).await?;
        self.webhooks.look(&mut connection).await?;
        self.head.set(log.try_get("head")?);
        self.outbox_rows.set(log.try_get("rows")?);
        self.outbox_age.set(log.try_get("age")?);
        for lag in lags {
            let name: String = lag.try_get("name")?;
            self.lag_events.with_label_values(&[&name]).set(lag.try_get("events")?);
            self.lag_seconds.with_label_values(&[&name]).set(lag.try_get("seconds")?);
            self.stopped.with_label_values(&[&name]).set(lag.try_get("stopped")?);
        }
        Ok(connection)
    }
}

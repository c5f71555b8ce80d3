//! What only the database knows of webhooks, looked up when somebody asks for metrics.

use prometheus::{GaugeVec, IntGaugeVec, Opts, Registry};
use sqlx::{PgConnection, Row};

const VALID: &str = "constant names are valid";
/// Rows are counted up to here: whoever looks must not look for long.
const MOST: i64 = 10_000;

const SQL: &str = "SELECT w.id, \
       (SELECT count(*) FROM (SELECT FROM outbox o WHERE o.topic = 'webhook/' || w.id LIMIT $1) o) AS waiting, \
       (SELECT count(*) FROM (SELECT FROM dead_letters d WHERE d.topic = 'webhook/' || w.id LIMIT $1) d) AS dead, \
       coalesce((SELECT greatest(extract(epoch FROM clock_timestamp() - e.recorded_at), 0)::float8 \
         FROM outbox o JOIN events e USING (position) WHERE o.topic = 'webhook/' || w.id ORDER BY o.position LIMIT 1), 0) AS age, \
       (w.paused_at IS NOT NULL)::int::bigint AS paused \
     FROM webhooks w";

/// Of each webhook.
pub(crate) struct WebhookMeasures {
    waiting: IntGaugeVec,
    dead: IntGaugeVec,
    age: GaugeVec,
    paused: IntGaugeVec,
}

impl WebhookMeasures {
    pub(crate) fn new() -> Self {
        let gauge = |name, help| IntGaugeVec::new(Opts::new(name, help), &["webhook"]).expect(VALID);
        let age = Opts::new("synctv_webhook_oldest_age_seconds", "Age of the oldest event that waits for a webhook");
        Self {
            waiting: gauge("synctv_webhook_waiting", "Events that wait for a webhook, counted up to 10,000"),
            dead: gauge("synctv_webhook_dead_letters", "Dead letters of a webhook, counted up to 10,000"),
            age: GaugeVec::new(age, &["webhook"]).expect(VALID),
            paused: gauge("synctv_webhook_paused", "1 while nothing is sent to a webhook until an operator resumes it"),
        }
    }

    pub(crate) fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        for gauge in [&self.waiting, &self.dead, &self.paused] {
            registry.register(Box::new(gauge.clone()))?;
        }
        registry.register(Box::new(self.age.clone()))
    }

    pub(crate) async fn look(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let rows = sqlx::query(SQL).bind(MOST).fetch_all(connection).await?;
        // Of webhooks that were removed.
        for gauge in [&self.waiting, &self.dead, &self.paused] {
            gauge.reset();
        }
        self.age.reset();
        for row in rows {
            let id: String = row.try_get("id")?;
            self.waiting.with_label_values(&[&id]).set(row.try_get("waiting")?);
            self.dead.with_label_values(&[&id]).set(row.try_get("dead")?);
            self.paused.with_label_values(&[&id]).set(row.try_get("paused")?);
            self.age.with_label_values(&[&id]).set(row.try_get("age")?);
        }
        Ok(())
    }
}

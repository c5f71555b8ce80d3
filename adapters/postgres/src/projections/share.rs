//! Which node follows the log for which read model. A page is read and understood once for all read models of a node: one node,
//! the lead, has them all as long as it keeps up, and others help when it does not.

use sqlx::PgConnection;

use crate::leases::hold;
use crate::read_models::MODELS;

/// The lease of the lead.
const LEAD: &str = "projections";
/// Events behind the log, from which on the work is shared: half a second of a busy server.
const BEHIND: i64 = 5000;
/// How long a read model may stand still behind the log until somebody else tries, s.
const STANDS: f64 = 5.0;

/// Whether some work is that of a read model.
pub(crate) fn is_projection(work: &str) -> bool {
    work.starts_with("projection/")
}

/// Whether a node should have a read model: it has it already, it leads, or the read model stands still or is behind.
pub(crate) async fn should_have(connection: &mut PgConnection, work: &str, node: &str) -> Result<bool, sqlx::Error> {
    const SQL: &str = "SELECT EXISTS (SELECT FROM leases WHERE name = $1 AND owner = $2 AND until > clock_timestamp()) \
         OR EXISTS (SELECT FROM checkpoints c, (SELECT max(position) AS position FROM events) log \
           WHERE 'projection/' || c.name = $1 AND (c.poison_position IS NOT NULL OR c.position < log.position - $3 \
             OR c.position < log.position AND c.updated_at < clock_timestamp() - $4 * interval '1 second'))";
    if hold(connection, LEAD, node).await?.is_some() {
        return Ok(true);
    }
    sqlx::query_scalar(SQL).bind(work).bind(node).bind(BEHIND).bind(STANDS).fetch_one(connection).await
}

/// Whether a node should let others have a read model: it is behind, and the node has more than its part.
pub(crate) async fn should_share(connection: &mut PgConnection, work: &str, node: &str) -> Result<bool, sqlx::Error> {
    const SQL: &str = "SELECT count(*) FILTER (WHERE owner = $2 AND name LIKE 'projection/%') > \
           ceil($3::float8 / greatest(count(*) FILTER (WHERE name LIKE 'node/%'), 1)) \
           AND EXISTS (SELECT FROM checkpoints c WHERE 'projection/' || c.name = $1 \
             AND c.position < (SELECT max(position) FROM events) - $4) \
         FROM leases WHERE until > clock_timestamp()";
    let all = f64::from(u32::try_from(MODELS.len()).unwrap_or(u32::MAX));
    sqlx::query_scalar(SQL).bind(work).bind(node).bind(all).bind(BEHIND).fetch_one(connection).await
}

//! The tables of read models.

use sqlx::{Connection, PgConnection};

use super::model::Model;
use super::table::Place;
use crate::connect::pool::PgPool;
use crate::read_models::MODELS;

/// Excludes others who make or put in place tables.
const LOCK: i64 = 7_243_393;

/// Makes the tables of read models that have none yet; they fill from the beginning of the log.
///
/// # Errors
/// When the database does not answer, or refuses.
pub async fn prepare(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    for model in MODELS {
        let mut transaction = connection.begin().await?;
        exclude_others(&mut transaction).await?;
        let fresh = sqlx::query("INSERT INTO checkpoints (name, position) VALUES ($1, 0) ON CONFLICT DO NOTHING")
            .bind(model.name())
            .execute(&mut *transaction)
            .await?;
        if fresh.rows_affected() == 1 {
            create(&mut transaction, *model, Place::Live).await?;
            for index in indexes(*model, Place::Live, 1) {
                run(&mut transaction, &index).await?;
            }
            add_keys(&mut transaction, *model, Place::Live, 1).await?;
        }
        transaction.commit().await?;
    }
    Ok(())
}

/// Until the transaction ends.
pub(super) async fn exclude_others(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(connection).await.map(drop)
}

/// Empty tables without indexes, in place of any that were left there.
pub(super) async fn create(
    connection: &mut PgConnection,
    model: &'static dyn Model,
    place: Place,
) -> Result<(), sqlx::Error> {
    drop_tables(connection, model, place).await?;
    for table in model.tables() {
        run(connection, &table.create(place)).await?;
    }
    Ok(())
}

pub(super) async fn drop_tables(
    connection: &mut PgConnection,
    model: &'static dyn Model,
    place: Place,
) -> Result<(), sqlx::Error> {
    for table in model.tables() {
        run(connection, &format!("DROP TABLE IF EXISTS {}", table.at(place))).await?;
    }
    Ok(())
}

/// Primary keys, unless they are there.
pub(super) async fn add_keys(
    connection: &mut PgConnection,
    model: &'static dyn Model,
    place: Place,
    generation: i64,
) -> Result<(), sqlx::Error> {
    const KEYED: &str = "SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'p')";
    for table in model.tables() {
        if !sqlx::query_scalar::<_, bool>(KEYED).bind(table.at(place)).fetch_one(&mut *connection).await? {
            run(connection, &table.add_key(place, generation)).await?;
        }
    }
    Ok(())
}

/// What makes the indexes of a read model that are not there; in any order.
pub(super) fn indexes(model: &'static dyn Model, place: Place, generation: i64) -> Vec<String> {
    model.tables().iter().flat_map(|table| table.add_indexes(place, generation)).collect()
}

/// Statistics of tables that hold something; those of an empty table would make plans for it that last.
pub(super) async fn analyze(
    connection: &mut PgConnection,
    model: &'static dyn Model,
    place: Place,
) -> Result<(), sqlx::Error> {
    for table in model.tables() {
        let name = table.at(place);
        let filled = format!("SELECT EXISTS (SELECT FROM {name})");
        if sqlx::query_scalar::<_, bool>(&filled).fetch_one(&mut *connection).await? {
            run(connection, &format!("ANALYZE {name}")).await?;
        }
    }
    Ok(())
}

/// Runs a statement that is not worth preparing.
pub(super) async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::query(sql).persistent(false).execute(connection).await.map(drop)
}

//! The database, and all that needs it to be looked at.

use synctv_grpc::management::Status;
use synctv_postgres::ConnectError;
use synctv_redis::Examined;

use super::check::Checks;
use super::{log, peers, postgres, serves};
use crate::config::Config;
use crate::database::{DatabaseError, Session};

const POSTGRESQL: &str = "PostgreSQL";

pub(super) async fn look(config: &Config, status: Option<&Status>, redis: &Option<Examined>, checks: &mut Checks) {
    let session = match Session::as_it_is(config).await {
        Ok(session) => session,
        Err(error) => return unreached(config, &error, checks),
    };
    if postgres::look(&session.pool, checks).await {
        log::look(config, &session.pool, serves(status), checks).await;
        peers::look(config, &session.pool, (status, redis.as_ref()), checks).await;
    }
    if let Err(error) = session.close().await {
        checks.warning(POSTGRESQL, format!("the embedded one was not stopped: {error}"), "stop its process");
    }
}

fn unreached(config: &Config, error: &DatabaseError, checks: &mut Checks) {
    let todo = match error {
        DatabaseError::NoData(_) => {
            return checks
                .ok(POSTGRESQL, "none is set, and none was made yet: a server makes its own at its first start");
        }
        DatabaseError::Connect(ConnectError::Connect(_)) if config.database_url.is_some() => {
            "start it, and look at host, port, user, password and database of DATABASE_URL, and at pg_hba.conf"
        }
        DatabaseError::Connect(ConnectError::Url(_)) => {
            "mend DATABASE_URL: postgres://user:password@host:5432/database"
        }
        DatabaseError::DataDir(_) => "wait until that process has started, or stop it",
        _ => "look at postgres/log in the data directory",
    };
    checks.wrong(POSTGRESQL, error.to_string(), todo);
}

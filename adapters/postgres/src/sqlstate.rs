//! What a database error means for an append.

use synctv_commands::LogError;
use synctv_projections::ProjectionError;

/// The epoch, or a position with its hash, is not in the log.
pub(crate) const REWOUND: &str = "SY001";

/// A lock was not to be had in time.
pub(crate) const LOCK_NOT_AVAILABLE: &str = "55P03";

/// How an attempt ended that gave no rows.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no connection; nothing was sent.
    Unsent(String),
    /// The connection went away: the statement may yet commit, or may have.
    Unknown(String),
    /// The content of some append was refused (classes 22 and 23); nothing was stored.
    Content(String),
    /// The log is not the one this node knows; nothing was stored.
    Rewound,
    /// Anything else; nothing was stored.
    Refused(String),
}

impl Failure {
    pub(crate) fn of(error: &sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else { return Self::Unknown(error.to_string()) };
        let code = database.code().unwrap_or_default();
        let message = format!("{} ({code})", database.message());
        match &*code {
            REWOUND => Self::Rewound,
            // The server says that it is closing the connection, not what became of the statement.
            "57P01" | "57P02" | "57P03" => Self::Unknown(message),
            _ if code.starts_with("08") => Self::Unknown(message),
            _ if code.starts_with("22") || code.starts_with("23") => Self::Content(message),
            _ => Self::Refused(message),
        }
    }
}

/// For reads, which are simply tried again by whoever asked.
pub(crate) fn unavailable(error: &sqlx::Error) -> LogError {
    match error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => LogError::Corrupt(error.to_string()),
        _ => LogError::Unavailable(error.to_string()),
    }
}

/// For read models.
pub(crate) fn projection_failure(error: &sqlx::Error) -> ProjectionError {
    match (error, Failure::of(error)) {
        (sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_), _) => ProjectionError::Corrupt(error.to_string()),
        (_, Failure::Content(reason)) => ProjectionError::Content(reason),
        _ => ProjectionError::Database(error.to_string()),
    }
}

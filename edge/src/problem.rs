//! Failures that clients can act on, each with a stable code: RFC 9457.

use http::StatusCode;
use serde_json::{Map, Value, json};
use synctv_commands::{CommandError, Epoch, LogError, ReadError};
use synctv_domain::{ParseError, Rejection, Room};
use synctv_projections::ProjectionError;
use synctv_projections::operate::OperateError;

use crate::limits::STEERING;
use crate::meter::Limited;

/// A failure that a client can act on.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    more: Map<String, Value>,
    retry_after: Option<u32>,
}

impl Problem {
    /// With a sentence for people.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), more: Map::new(), retry_after: None }
    }

    /// 400.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// Adds a member to the document.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// A read model has not got as far as the reader asks.
    #[must_use]
    pub fn behind() -> Self {
        Self::unavailable("behind", "the read model has not reached min_position yet".to_owned())
    }

    /// There are too many connections.
    #[must_use]
    pub fn busy() -> Self {
        Self::unavailable("too_many_connections", "this server holds as many sockets as it can".to_owned())
    }

    /// The server is about to stop.
    #[must_use]
    pub fn draining() -> Self {
        Self::unavailable("draining", "the server is about to stop".to_owned())
    }

    /// The log cannot be read now.
    #[must_use]
    pub fn unread() -> Self {
        Self::unavailable("unavailable", "the log is not available".to_owned())
    }

    fn unavailable(code: &'static str, detail: String) -> Self {
        Self { retry_after: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail) }
    }

    fn with_room(self, epoch: &Epoch, room: Option<&Room>) -> Self {
        match room.map(|room| serde_json::to_value(room.view(&epoch.name))) {
            Some(Ok(view)) => self.with("room", view),
            _ => self,
        }
    }

    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// As HTTP has it.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// A sentence for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What else the document says.
    #[must_use]
    pub fn more(&self) -> &Map<String, Value> {
        &self.more
    }

    /// When asking again makes sense, ms.
    #[must_use]
    pub fn retry_after_ms(&self) -> Option<u32> {
        let exact = self.more.get("retry_after_ms").and_then(Value::as_u64).and_then(|ms| ms.try_into().ok());
        exact.or(self.retry_after.map(|seconds| seconds.saturating_mul(1000)))
    }

    /// When asking again makes sense, s.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// The document.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = json!({
            "type": format!("urn:synctv:problem:{}", self.code),
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        if let Value::Object(body) = &mut body {
            body.extend(self.more.clone());
        }
        body
    }
}

impl From<ParseError> for Problem {
    fn from(error: ParseError) -> Self {
        Self::bad_request(error.code(), error.to_string())
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            // The reason names hosts and tables; it is logged where it happened.
            LogError::Unavailable(_) | LogError::Content(_) | LogError::EpochChanged => {
                Self::unavailable("unavailable", "the log is not available; nothing was stored".to_owned())
            }
            LogError::Rewound => Self::unavailable("log_rewound", error.to_string()),
            LogError::Erased(_) => Self::new(StatusCode::FORBIDDEN, "erased", error.to_string()),
            LogError::Corrupt(reason) => {
                tracing::error!(reason, "log.corrupt");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "the log holds something this server cannot read",
                )
            }
        }
    }
}

impl From<ProjectionError> for Problem {
    fn from(error: ProjectionError) -> Self {
        match error {
            ProjectionError::Database(_) | ProjectionError::Content(_) => {
                Self::unavailable("unavailable", "the read model is not available".to_owned())
            }
            ProjectionError::Corrupt(reason) => {
                tracing::error!(reason, "projection.corrupt");
                let detail = "a read model holds something this server cannot read";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
            }
        }
    }
}

impl From<OperateError> for Problem {
    fn from(error: OperateError) -> Self {
        let detail = error.to_string();
        match error {
            OperateError::Unknown(_) => Self::new(StatusCode::NOT_FOUND, "projection_not_found", detail),
            OperateError::NotRunning(_) => Self::new(StatusCode::NOT_FOUND, "rebuild_not_found", detail),
            OperateError::Running(_) => Self::new(StatusCode::CONFLICT, "rebuild_running", detail),
            // No route leaves events out, or drops tables.
            OperateError::NotStopped { .. } | OperateError::InUse { .. } => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
            }
            OperateError::Projection(error) => error.into(),
        }
    }
}

impl From<Limited> for Problem {
    fn from(Limited { limit, wait }: Limited) -> Self {
        // Not a moment too soon.
        let ms = u32::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX);
        let detail = format!("more than may be asked at once ({limit}); try again in {ms} ms");
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail);
        let problem = problem.with("limit", json!(limit)).with("retry_after_ms", json!(ms));
        Self { retry_after: Some(ms.div_ceil(1000).max(1)), ..problem }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        let detail = error.to_string();
        match error {
            ReadError::RoomNotFound => Self::new(StatusCode::NOT_FOUND, "room_not_found", detail),
            ReadError::NotAMember => Self::new(StatusCode::FORBIDDEN, "not_a_member", detail),
            ReadError::NoSuchVersion => Self::new(StatusCode::NOT_FOUND, "no_such_version", detail),
            ReadError::Log(error) => error.into(),
        }
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        let detail = error.to_string();
        match error {
            CommandError::Rejected(rejection) => rejection.into(),
            CommandError::Stale { rejection, epoch, room } => Self::from(rejection).with_room(&epoch, room.as_deref()),
            CommandError::PreconditionFailed { epoch, room } => {
                Self::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", detail)
                    .with_room(&epoch, room.as_deref())
            }
            CommandError::Mismatch => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_mismatch", detail),
            CommandError::TooOften(wait) => Limited { limit: STEERING, wait }.into(),
            CommandError::TooManyPasswords { limit, wait } => Limited { limit, wait }.into(),
            CommandError::DeadlineExceeded => Self::unavailable("deadline_exceeded", detail),
            CommandError::OutcomeUnknown(id) => {
                Self::unavailable("outcome_unknown", detail).with("command_id", Value::from(id.as_str()))
            }
            CommandError::Log(error) => error.into(),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let problem = Self::new(status(&rejection), rejection.code(), rejection.to_string());
        match rejection {
            Rejection::Forbidden { permission, decided_by, trace } => problem
                .with("permission", Value::from(permission))
                .with("decided_by", Value::from(decided_by))
                .with("steps", serde_json::to_value(trace.steps).unwrap_or_default()),
            Rejection::Banned { expires_at } => problem.with("expires_at", json!(expires_at)),
            Rejection::Cooldown { expires_at } => problem.with("expires_at", json!(expires_at)),
            Rejection::JoinRefused { rule } => problem.with("join_rule", json!(rule)),
            Rejection::AlreadyLive { by } => problem.with("by", json!(by)),
            Rejection::StaleItem { current } => problem.with("current_item", json!(current)),
            Rejection::StaleVersion { concern, current, .. } => {
                problem.with("concern", json!(concern)).with("current", json!(current))
            }
            _ => problem,
        }
    }
}

fn status(rejection: &Rejection) -> StatusCode {
    match rejection {
        Rejection::RoomNotFound
        | Rejection::ItemNotFound
        | Rejection::MemberNotFound
        | Rejection::MessageNotFound
        | Rejection::InviteNotFound
        | Rejection::KnockNotFound
        | Rejection::LiveKeyNotFound => StatusCode::NOT_FOUND,
        Rejection::NotAMember
        | Rejection::Forbidden { .. }
        | Rejection::JoinRefused { .. }
        | Rejection::Banned { .. }
        | Rejection::Cooldown { .. }
        | Rejection::WrongPassword
        | Rejection::InvalidInvite { .. } => StatusCode::FORBIDDEN,
        Rejection::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Rejection::DisplayNameRequired
        | Rejection::InvalidDeadline
        | Rejection::InvalidExpiry { .. }
        | Rejection::PasswordRequired => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    }
}

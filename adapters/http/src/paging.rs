//! Pages of lists.

use serde::Deserialize;
use synctv_projections::read::Onward;

use synctv_edge::Problem;
pub(crate) use synctv_edge::paging::{cut, limit, seq, token};

/// The query for a page of a room's read model.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paging {
    /// The most to answer; clamped to the bounds.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<i64>,
    /// The `next_page_token` of the page before.
    page_token: Option<String>,
    /// Waits up to 5 s for the read model to hold the event at this position: the `position` of one's own write.
    #[param(minimum = 0)]
    pub(crate) min_position: Option<i64>,
}

impl Paging {
    pub(crate) fn limit(&self) -> usize {
        limit(self.limit)
    }

    /// What the page before ended with.
    pub(crate) fn after<T>(&self, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        token(self.page_token.as_deref(), read)
    }

    /// The page, and the first one behind it: whether there is one.
    pub(crate) fn onward<T>(&self, read: impl Fn(&str) -> Option<T>) -> Result<Onward<T>, Problem> {
        Ok(Onward { after: self.after(read)?, limit: self.limit() + 1 })
    }
}

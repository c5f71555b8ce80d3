//! Who may do what, layer by layer, with the reason.

mod grant;
mod list;
mod overrides;
mod set;
mod standing;
mod trace;

pub(super) use grant::{allow, has_all, not_own, outranks, passes_on};
pub use list::Permission;
pub use overrides::{ByRole, Overrides};
pub use set::PermissionSet;
pub(super) use standing::Place;
pub use standing::explain;
pub use trace::{Effect, Step, Trace};

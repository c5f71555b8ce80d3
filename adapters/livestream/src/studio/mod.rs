//! Who publishes in which room, on this node and among all.
//!
//! A publication is claimed by the event that begins it: the log takes it only where nobody else is live, and its position is the
//! token by which everything that is done for it is told from what an earlier one did. Beside it, a row with a term says which
//! node has it; a node that cannot renew its rows ends its publications before their term does, and others end those of a
//! node that is gone.

mod admit;
mod audience;
mod follow;
mod keep;
mod on_air;
mod reads;
mod seen;
mod segments;
#[expect(clippy::module_inception, reason = "the one thing that this is about")]
mod studio;
mod tidy;

pub use audience::{Audience, Found};
pub use on_air::OnAir;
pub use seen::Seen;
pub use segments::Segments;
pub use studio::{Outside, Studio};

//! The read side: making read models anew, keeping them up to date, reading them.

mod fill;
mod lag;
mod pages;
mod rebuild;

pub use fill::fill;
pub use lag::{idle, lag};
pub use pages::pages;
pub use rebuild::{parse, rebuild};

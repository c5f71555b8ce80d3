//! What the typed protocol promises: the same contract as JSON, and that nothing is decoded but what it says.

mod contract;
mod golden;
mod requests;
mod services;
mod strict;
mod support;

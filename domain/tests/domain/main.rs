//! The rules of a room, told as given, when, then; and the laws that hold for any history.

#![expect(
    clippy::needless_pass_by_value,
    reason = "values made on the spot read better in given, when, then than references to them"
)]

mod authority_laws;
mod barrier;
mod chat;
mod codec;
mod creation;
mod invites;
mod joining;
mod laws;
mod live;
mod membership;
mod motion_vectors;
mod navigation;
mod parsing;
mod permissions;
mod playback;
mod playlist;
mod ranks;
mod ready;
mod samples;
mod sanctions;
mod scalars;
mod scenario;
mod settings;
mod shared_fold;
mod shared_rights;
mod strategies;
mod texts;
mod transfer;
mod versions;
mod view;

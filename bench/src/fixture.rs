//! Rooms to send commands to.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use synctv_commands::Caller;
use synctv_domain::{Actor, ActorId, CreateRoom, DisplayName, JoinRule, RoomId, RoomName, Visibility};

use crate::failure::Failure;
use crate::ours::{Node, random_ulid};

/// Rooms of a run over many.
pub const ROOMS: usize = 10_000;
/// Done at once while preparing.
const AT_ONCE: usize = 64;

/// A room and its owner, a guest.
#[derive(Clone, Copy)]
pub struct Home {
    pub room: RoomId,
    pub owner: Actor,
}

/// Makes rooms as a client would, one owner each.
pub async fn homes(node: &Node, count: usize, at_once: usize) -> Result<Arc<[Home]>, Failure> {
    let made = stream::iter(0..count).map(|_| home(node)).buffer_unordered(at_once);
    Ok(made.try_collect::<Vec<_>>().await?.into())
}

async fn home(node: &Node) -> Result<Home, Failure> {
    let owner = Actor::from(ActorId::Guest(random_ulid()));
    let caller = Caller {
        actor: owner,
        display_name: Some(DisplayName::parse("Somebody").expect("a short plain name")),
        address: None,
    };
    let wish = CreateRoom {
        password: None,
        name: RoomName::parse("A room").expect("a short plain name"),
        join_rule: JoinRule::Public,
        visibility: Visibility::Unlisted,
        default_role: None,
        settings: None,
    };
    let room = node.rooms.create(caller, wish, (None, None)).await?.room;
    Ok(Home { room, owner })
}

/// Lets the node hold every room, as it does while people are in them.
pub async fn warm(node: &Node, homes: &[Home]) -> Result<(), Failure> {
    let touched = stream::iter(homes.iter().copied()).map(|home| async move {
        node.admit(home.owner.id).await?;
        node.rooms.room(home.room, home.owner.id).await?;
        Ok::<_, Failure>(())
    });
    touched.buffer_unordered(AT_ONCE).try_collect().await
}

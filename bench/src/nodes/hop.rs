//! From one node to the sockets of another.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::cluster::Cluster;
use super::{Figure, PAUSE, bare, quantiles};
use crate::delivery::{Guest, Socket, age_ms};
use crate::failure::Failure;
use crate::redis::PrivateRedis;

/// Before anything counts: rooms are held, plans are made.
const WARM: usize = 50;

/// Of each event, in the order of a room: when it arrived, and how old it was, ms.
type Arrivals = Vec<(Instant, f64)>;

/// Two nodes and their Redis, then the bare stream over the same Redis.
///
/// `hop`: from the arrival of an event at a socket of the node that stored it to its arrival at a socket of the other node;
/// both sockets are read by this process. The first arrival stands for the commit, which nobody outside sees.
/// `age`: from the event's `at`, which is taken before its commit, to the socket of the other node; `near`: to the socket
/// of the node that stored it.
pub async fn hop(database: &str, redis: &PrivateRedis, length: Duration) -> Result<Vec<Figure>, Failure> {
    let cluster = Cluster::start(database, Some(redis), 2).await?;
    let (near, far) = arrivals(&cluster, length).await?;
    let mut figures = quantiles("hop", hops(&near, &far));
    figures.extend(quantiles("age", ages(&far)));
    figures.extend(quantiles("near", ages(&near)));
    figures.extend(quantiles("bare", bare::bare(&redis.url(), length).await?));
    cluster.stop().await?;
    Ok(figures)
}

/// The same without Redis.
pub async fn poll(database: &str, length: Duration) -> Result<Vec<Figure>, Failure> {
    let cluster = Cluster::start(database, None, 2).await?;
    let (near, far) = arrivals(&cluster, length).await?;
    let mut figures = quantiles("hop", hops(&near, &far));
    figures.extend(quantiles("age", ages(&far)));
    cluster.stop().await?;
    Ok(figures)
}

fn ages(arrivals: &Arrivals) -> Vec<f64> {
    arrivals.iter().map(|(_, age)| *age).collect()
}

/// Below zero when the other node's socket was first.
fn hops(near: &Arrivals, far: &Arrivals) -> Vec<f64> {
    let ms = |late: Instant, early: Instant| late.saturating_duration_since(early).as_secs_f64() * 1000.0;
    near.iter().zip(far).map(|((near, _), (far, _))| ms(*far, *near) - ms(*near, *far)).collect()
}

/// At both nodes, of the same events; they are stored by the first.
async fn arrivals(cluster: &Cluster<'_>, length: Duration) -> Result<(Arrivals, Arrivals), Failure> {
    let events = WARM + super::events(length);
    let guest = Guest::new(&cluster.nodes[0].host).await?;
    let room = guest.room().await?;
    let near = watch(guest.follow(&room, "now").await?, events);
    let far = watch(guest.at(&cluster.nodes[1].host).follow(&room, "now").await?, events);
    for _ in 0..events {
        tokio::time::sleep(PAUSE).await;
        guest.say(&room, "x").await?;
    }
    Ok((near.await??, far.await??))
}

fn watch(mut socket: Socket, events: usize) -> JoinHandle<Result<Arrivals, Failure>> {
    tokio::spawn(async move {
        let mut arrivals = Vec::with_capacity(events);
        for _ in 0..events {
            let text = socket.event().await?;
            let arrived = Instant::now();
            let age = age_ms(&text).ok_or_else(|| Failure::Delivery("an event without a time".to_owned()))?;
            arrivals.push((arrived, age));
        }
        Ok(arrivals.split_off(WARM))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_is_below_zero_when_the_other_node_was_first() {
        let at = |ms| (Instant::now() + Duration::from_secs(1) + Duration::from_millis(ms), 0.0);
        let (early, late) = (at(0), at(20));
        let found = hops(&vec![early, late], &vec![late, early]);
        assert!((found[0] + found[1]).abs() < 1e-9 && found[0] >= 20.0, "{found:?}");
    }
}

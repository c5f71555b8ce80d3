//! Somebody who follows a room for long, over whatever happens to the connection.

use std::time::Duration;

use tokio::time::timeout;

use super::client::Guest;
use super::database::SOON;
use super::ledger::Address;

/// Follows from `after` until `last` came, resuming with the last id received. Gives back all seqs received.
pub async fn read_until(
    who: Guest,
    room: String,
    address: Address,
    after: i64,
    last: impl Fn() -> Option<i64>,
) -> Vec<i64> {
    let (mut seqs, mut cursor) = (Vec::new(), after.to_string());
    let done = |seqs: &[i64]| last().is_some_and(|last| last <= after || seqs.last().is_some_and(|seq| *seq >= last));
    while !done(&seqs) {
        let there = who.at(&address.get());
        let Ok(Some(mut stream)) = timeout(SOON, there.try_follow(&room, &cursor)).await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        while !done(&seqs) {
            let sent = match timeout(Duration::from_millis(200), stream.next()).await {
                Err(_) => continue,
                Ok(None) => break,
                Ok(Some(sent)) => sent,
            };
            assert_ne!(sent.event.as_deref(), Some("reset"), "{room} from {cursor}: {:?}", sent.data);
            if let (None, Some(id)) = (sent.event.as_deref(), &sent.id) {
                cursor.clone_from(id);
                seqs.push(sent.seq());
            }
        }
    }
    seqs
}

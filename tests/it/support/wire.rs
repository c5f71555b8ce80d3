//! Bytes as they come, for what no HTTP client would send.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A request that is not whole is not answered; this long is waited to be sure.
const PAUSE: Duration = Duration::from_millis(200);

/// Sends bytes and reads the beginning of the answer; when none comes, the sending side is ended. Empty: no answer.
pub async fn exchange(url: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.expect("the server listens");
    // A server that has seen enough may close while more is being sent.
    let _ = stream.write_all(bytes).await;
    let (mut answer, mut length, mut ended) = (vec![0; 4096], 0, false);
    while length < 12 {
        let patience = if ended { Duration::from_secs(30) } else { PAUSE };
        match timeout(patience, stream.read(&mut answer[length..])).await {
            Ok(Ok(0) | Err(_)) => break,
            Ok(Ok(count)) => length += count,
            Err(_) if ended => panic!("no answer to {:?}", String::from_utf8_lossy(bytes)),
            Err(_) => {
                ended = true;
                let _ = stream.shutdown().await;
            }
        }
    }
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

/// The status of an HTTP/1 answer.
pub fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()
}

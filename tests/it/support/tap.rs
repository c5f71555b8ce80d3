//! Somebody who can reach Redis: hears what is published, and publishes.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::database::SOON;
use super::redis::Redis;

/// A connection that hears channels.
pub struct Tap(BufReader<TcpStream>);

impl Redis {
    /// Hears all channels whose names are of this pattern.
    pub async fn tap(&self, pattern: &str) -> Tap {
        let mut tap = Tap::open(self).await;
        tap.send(&[b"PSUBSCRIBE", pattern.as_bytes()]).await;
        assert_eq!(tap.value().await[0], b"psubscribe");
        tap
    }

    /// Says something in a channel.
    pub async fn publish(&self, channel: &str, message: &[u8]) {
        let mut tap = Tap::open(self).await;
        tap.send(&[b"PUBLISH", channel.as_bytes(), message]).await;
        tap.line().await;
    }
}

impl Tap {
    async fn open(redis: &Redis) -> Self {
        let url = redis.url();
        Self(BufReader::new(TcpStream::connect(url.trim_start_matches("redis://")).await.expect("it listens")))
    }

    /// The next message, and its channel.
    pub async fn next(&mut self) -> (String, Vec<u8>) {
        let mut value = timeout(SOON, self.value()).await.expect("something is said");
        let message = value.pop().expect("a message");
        (String::from_utf8(value.pop().expect("a channel")).expect("a name"), message)
    }

    async fn send(&mut self, words: &[&[u8]]) {
        let mut command = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            command.extend(format!("${}\r\n", word.len()).as_bytes());
            command.extend(*word);
            command.extend(b"\r\n");
        }
        self.0.write_all(&command).await.expect("it is open");
    }

    /// A list of texts and numbers.
    async fn value(&mut self) -> Vec<Vec<u8>> {
        let count: usize = self.line().await[1..].parse().expect("a list");
        let mut value = Vec::with_capacity(count);
        for _ in 0..count {
            let head = self.line().await;
            let Some(length) = head.strip_prefix('$') else {
                value.push(head.into_bytes());
                continue;
            };
            let mut text = vec![0; length.parse::<usize>().expect("a length") + 2];
            self.0.read_exact(&mut text).await.expect("it is open");
            text.truncate(text.len() - 2);
            value.push(text);
        }
        value
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.expect("it is open");
        line.trim_end().to_owned()
    }
}

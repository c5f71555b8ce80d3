//! An answer of HTTP/1.1 that does not end.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MOST: usize = 16 * 1024;

/// Asks; gives how the content is coded, and what has come of it.
pub async fn get(tcp: &mut TcpStream, path: &str, token: &str) -> Result<(Body, Vec<u8>), String> {
    let host = tcp.peer_addr().map_err(text)?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.map_err(text)?;
    let mut answer = Vec::new();
    loop {
        if let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
            if !head.starts_with("http/1.1 200") {
                return Err(String::from_utf8_lossy(&answer).into_owned());
            }
            let chunked = head.lines().any(|line| line.starts_with("transfer-encoding:") && line.contains("chunked"));
            return Ok((if chunked { Body::Size(0) } else { Body::Plain }, answer.split_off(end + 4)));
        }
        if answer.len() > MOST || tcp.read_buf(&mut answer).await.map_err(text)? == 0 {
            return Err("no answer".to_owned());
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Where in it we are.
#[derive(Debug, PartialEq, Eq)]
pub enum Body {
    Plain,
    /// In the line with a chunk's size, which is that as far as it was read.
    Size(usize),
    /// So much of a chunk is missing, with the end of its last line.
    Chunk(usize),
}

const LINE_END: usize = 2;

impl Body {
    /// Tells what is in it, piece by piece.
    pub fn feed(&mut self, mut bytes: &[u8], mut tell: impl FnMut(&[u8])) {
        while let Some(first) = bytes.first() {
            match self {
                Self::Plain => return tell(bytes),
                Self::Size(size) => {
                    bytes = &bytes[1..];
                    match char::from(*first).to_digit(16) {
                        Some(digit) => *size = *size * 16 + digit as usize,
                        None if *first == b'\n' => *self = Self::Chunk(*size + LINE_END),
                        None => {}
                    }
                }
                Self::Chunk(missing) => {
                    let (now, rest) = bytes.split_at((*missing).min(bytes.len()));
                    bytes = rest;
                    let content = missing.saturating_sub(LINE_END).min(now.len());
                    if content > 0 {
                        tell(&now[..content]);
                    }
                    *missing -= now.len();
                    if *missing == 0 {
                        *self = Self::Size(0);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_put_together_however_the_bytes_are_cut() {
        let sent = b"5\r\nthis \r\n10\r\nis the content o\r\nE\r\nf three chunks\r\n";
        for cut in [1, 2, 7, sent.len()] {
            let (mut body, mut heard) = (Body::Size(0), Vec::new());
            for part in sent.chunks(cut) {
                body.feed(part, |content| heard.extend_from_slice(content));
            }
            assert_eq!(String::from_utf8_lossy(&heard), "this is the content of three chunks", "cut: {cut}");
        }
    }
}

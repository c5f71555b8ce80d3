//! A way to a server that breaks at any byte.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::ledger::Address;

/// Passes connections on, and cuts each after so many bytes of the server. Ends with the value.
pub struct Cutter {
    /// Where it listens.
    pub url: String,
    cuts: Arc<AtomicUsize>,
    listening: JoinHandle<()>,
}

impl Cutter {
    /// To wherever the server is. A connection bears as many bytes as `bears` says of how many were cut so far.
    pub async fn new(server: Address, bears: impl Fn(usize) -> usize + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let cuts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&cuts);
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (address, cuts) = (server.get(), Arc::clone(&counted));
                let left = bears(cuts.load(Ordering::Relaxed));
                tokio::spawn(async move {
                    if pass(client, &address, left).await {
                        cuts.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        Self { url, cuts, listening }
    }

    /// `127.0.0.1:port`
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// How many connections it has cut.
    pub fn cuts(&self) -> usize {
        self.cuts.load(Ordering::Relaxed)
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Whether it was cut, and not ended by a side.
async fn pass(mut client: TcpStream, server: &str, mut left: usize) -> bool {
    let Ok(mut server) = TcpStream::connect(server.trim_start_matches("http://")).await else { return false };
    let (mut down, mut up) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        tokio::select! {
            read = server.read(&mut down) => {
                let count = read.unwrap_or(0);
                let taken = count.min(left);
                if count == 0 || client.write_all(&down[..taken]).await.is_err() {
                    return false;
                }
                left -= taken;
                if left == 0 {
                    return true;
                }
            }
            read = client.read(&mut up) => {
                let count = read.unwrap_or(0);
                if count == 0 || server.write_all(&up[..count]).await.is_err() {
                    return false;
                }
            }
        }
    }
}

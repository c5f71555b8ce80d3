//! A way to something that goes dark like a cut cable, or breaks after so many bytes.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Where a passage leads.
#[derive(Clone)]
pub enum To {
    /// `address:port`
    Address(String),
    Socket(PathBuf),
}

/// Passes connections on. Ends with the value, and all its connections too.
pub struct Passage {
    /// Where it listens.
    pub address: SocketAddr,
    dark: watch::Sender<bool>,
    strands: watch::Sender<u64>,
    breaks: Arc<AtomicUsize>,
    listening: JoinHandle<()>,
}

trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

impl Passage {
    /// Through which everything passes.
    pub async fn new(at: IpAddr, to: To) -> Self {
        Self::breaking(at, to, || usize::MAX).await
    }

    /// Whose connections bear so many bytes each, of both sides.
    pub async fn breaking(at: IpAddr, to: To, bears: impl Fn() -> usize + Send + 'static) -> Self {
        let listener = TcpListener::bind((at, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (dark, breaks) = (watch::Sender::new(false), Arc::new(AtomicUsize::new(0)));
        let (light, counted) = (dark.subscribe(), Arc::clone(&breaks));
        let strands = watch::Sender::new(0);
        let stranded = strands.subscribe();
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (to, left, light, counted) = (to.clone(), bears(), light.clone(), Arc::clone(&counted));
                let stranded = stranded.clone();
                tokio::spawn(async move {
                    if pass(client, to, left, (light, stranded)).await {
                        counted.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        Self { address, dark, strands, breaks, listening }
    }

    /// Nothing passes any more, and nobody is told; or it does again, with what was on its way.
    pub fn darken(&self, dark: bool) {
        self.dark.send_replace(dark);
    }

    /// The connections that there are stay open, and nothing passes through them ever again.
    pub fn strand(&self) {
        self.strands.send_modify(|strands| *strands += 1);
    }

    /// How many connections broke.
    pub fn breaks(&self) -> usize {
        self.breaks.load(Ordering::Relaxed)
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Whether it broke, and was not ended by a side.
async fn pass(
    mut client: TcpStream,
    to: To,
    mut left: usize,
    (mut dark, mut stranded): (watch::Receiver<bool>, watch::Receiver<u64>),
) -> bool {
    stranded.mark_unchanged();
    if dark.wait_for(|dark| !dark).await.is_err() {
        return false;
    }
    let Some(mut server) = connect(to).await else { return false };
    let (mut down, mut up) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        let (bytes, way): (&[u8], &mut dyn Pipe) = tokio::select! {
            read = server.read(&mut down) => (&down[..read.unwrap_or(0)], &mut client),
            read = client.read(&mut up) => (&up[..read.unwrap_or(0)], &mut server),
            Ok(()) = stranded.changed() => return hold(client).await,
        };
        // The passage itself is gone at an error.
        if bytes.is_empty() || dark.wait_for(|dark| !dark).await.is_err() {
            return false;
        }
        let taken = bytes.len().min(left);
        if way.write_all(&bytes[..taken]).await.is_err() {
            return false;
        }
        left -= taken;
        if left == 0 {
            return true;
        }
    }
}

/// Keeps a connection open until its client ends it.
async fn hold(mut client: TcpStream) -> bool {
    let mut nothing = [0; 1024];
    while client.read(&mut nothing).await.is_ok_and(|count| count > 0) {}
    false
}

async fn connect(to: To) -> Option<Box<dyn Pipe>> {
    match to {
        To::Address(address) => Some(Box::new(TcpStream::connect(address).await.ok()?)),
        To::Socket(path) => Some(Box::new(UnixStream::connect(path).await.ok()?)),
    }
}

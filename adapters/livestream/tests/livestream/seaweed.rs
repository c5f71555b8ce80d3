//! A real server of objects.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use object_store::ObjectStoreExt;
use synctv_livestream::hls::open;

/// For a server that begins.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends with the test.
pub struct Seaweed {
    folder: PathBuf,
    ports: Vec<u16>,
    child: Child,
}

impl Seaweed {
    pub async fn start() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("seaweed-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("it can be written");
        let ports = free_ports();
        let child = begin(&folder, &ports);
        let mut server = Self { folder, ports, child };
        server.ready().await;
        server
    }

    /// What tells where it is, and who asks.
    pub fn variables(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://127.0.0.1:{}", self.ports[0]);
        [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_PAGER", "less"),
            ("PATH", "/"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Takes connections and says nothing.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    /// Is not there any more.
    pub fn stop(&mut self) {
        self.signal("-CONT");
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub async fn restart_if_stopped(&mut self) {
        if self.child.try_wait().expect("it can be asked").is_none() {
            return;
        }
        self.child = begin(&self.folder, &self.ports);
        self.ready().await;
    }

    fn signal(&self, signal: &str) {
        let _ = Command::new("kill").args([signal, &self.child.id().to_string()]).stderr(Stdio::null()).status();
    }

    async fn ready(&mut self) {
        let began = Instant::now();
        while !self.answers().await {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                panic!("it ended with {status}: {}", self.said());
            }
            assert!(began.elapsed() < PATIENCE, "it does not begin: {}", self.said());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether something can be kept: it listens before that.
    async fn answers(&self) -> bool {
        let store = open("s3://beginning", self.variables()).expect("an address");
        let at = object_store::path::Path::from("begun");
        store.put(&at, "begun".into()).await.is_ok()
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

/// Below those that connections get by themselves: it needs them again when it begins anew.
fn free_ports() -> Vec<u16> {
    let mut listeners = Vec::new();
    while listeners.len() < 8 {
        listeners.extend(TcpListener::bind((Ipv4Addr::LOCALHOST, rand::random_range(10_000..32_000))));
    }
    listeners.iter().map(|listener| listener.local_addr().expect("it listens").port()).collect()
}

fn begin(folder: &Path, ports: &[u16]) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/seaweedfs.sh");
    let log = std::fs::File::create(folder.join("log")).expect("it can be written");
    let mut command = Command::new(script);
    command.arg(folder).args(ports.iter().map(u16::to_string)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command.spawn().expect("the server of scripts/install.sh --test")
}

impl Drop for Seaweed {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
        // It leaves them behind.
        for entry in std::fs::read_dir("/tmp").into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let ours = self.ports.iter().any(|port| name.ends_with(&format!("-{port}.sock")));
            if name.starts_with("seaweedfs-") && ours {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

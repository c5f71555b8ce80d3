//! A Redis of the harness's own: in memory, on a free port, gone at the end.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::cpu;
use crate::failure::Failure;

const PATIENCE: Duration = Duration::from_secs(10);

/// Killed and its directory removed with the value.
pub struct PrivateRedis {
    child: Child,
    port: u16,
    dir: PathBuf,
}

impl PrivateRedis {
    pub async fn start() -> Result<Self, Failure> {
        let dir = std::env::temp_dir().join(format!("synctv-bench-redis-{}", std::process::id()));
        let file = |source| Failure::File { path: dir.clone(), source };
        std::fs::create_dir_all(&dir).map_err(file)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr()).map_err(file)?.port();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()]);
        command.arg("--dir").arg(&dir).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
        let child = command.spawn().map_err(|_| Failure::NoRedis)?;
        let redis = Self { child, port, dir };
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if started.elapsed() > PATIENCE {
                return Err(Failure::NoRedis);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(redis)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// CPU time so far, s.
    pub fn cpu_s(&self) -> f64 {
        cpu::of_us(&self.child.id().to_string()) / 1e6
    }
}

impl Drop for PrivateRedis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

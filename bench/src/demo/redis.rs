//! A Redis of the demonstration's own.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::failure::Failure;

/// For its start.
const PATIENCE: Duration = Duration::from_secs(10);

/// On a free port, without files; killed with the value.
pub struct PrivateRedis {
    child: Child,
    port: u16,
}

impl PrivateRedis {
    pub async fn start() -> Result<Self, Failure> {
        let failed = |source| Failure::File { path: PathBuf::from("redis-server"), source };
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).map_err(failed)?.port();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()]);
        command.current_dir(std::env::temp_dir()).stdin(Stdio::null()).stdout(Stdio::null());
        let redis = Self { child: command.spawn().map_err(failed)?, port };
        let began = Instant::now();
        while let Err(source) = TcpStream::connect(("127.0.0.1", port)).await {
            if began.elapsed() > PATIENCE {
                return Err(failed(source));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(redis)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for PrivateRedis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

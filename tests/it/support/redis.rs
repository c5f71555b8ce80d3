//! A private Redis for a test.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use super::server::{TempDir, signal};
use super::wait::eventually;

/// On a port of its own; killed with the value.
pub struct Redis {
    process: Option<Child>,
    port: u16,
    _dir: TempDir,
}

impl Redis {
    pub async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let mut redis = Self { process: None, port, _dir: TempDir::new() };
        redis.again().await;
        redis
    }

    /// Starts it on the same port, without what it held before.
    pub async fn again(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &self.port.to_string()]);
        command.current_dir(self._dir.path()).stdin(Stdio::null()).stdout(Stdio::null());
        self.process = Some(command.spawn().expect("redis-server is installed"));
        eventually("Redis", async || (self.say(&["PING"]) == "PONG").then_some(())).await;
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What a command is answered.
    pub fn say(&self, command: &[&str]) -> String {
        let output = Command::new("redis-cli").args(["-p", &self.port.to_string()]).args(command).output();
        String::from_utf8_lossy(&output.expect("redis-cli is installed").stdout).trim().to_owned()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("it runs");
            process.wait().expect("it was killed");
        }
    }

    /// SIGSTOP, SIGCONT.
    pub fn signal(&self, name: &str) {
        signal(self.process.as_ref().expect("it runs").id(), name);
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

//! A private Redis for a test.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::server::{TempDir, signal};
use super::wait::eventually;

/// How often another port is tried when somebody took the one that was free.
const TRIES: usize = 5;

/// On a port of its own; killed with the value.
pub struct Redis {
    process: Option<Child>,
    port: u16,
    dir: TempDir,
    arguments: Vec<String>,
    /// What `redis-cli` needs besides the port.
    asking: Vec<String>,
}

impl Redis {
    pub async fn start() -> Self {
        Self::with(&[], &[]).await
    }

    /// With settings, in which `{port}` and `{free}` are its port and another one, and with what `redis-cli` then needs.
    pub async fn with(settings: &[&str], asking: &[&str]) -> Self {
        let own = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let port = if settings.contains(&"--tls-port") { &[][..] } else { &["--port", "{port}"] };
        Self::run(&[&own, port, settings].concat(), asking).await
    }

    /// As a sentinel, which keeps its settings in this file.
    pub async fn sentinel(file: &Path, settings: &[&str], asking: &[&str]) -> Self {
        let file = file.to_str().expect("plain");
        let own = [file, "--sentinel", "--bind", "127.0.0.1", "--port", "{port}"];
        Self::run(&[&own, settings].concat(), asking).await
    }

    async fn run(arguments: &[&str], asking: &[&str]) -> Self {
        let asking: Vec<_> = asking.iter().map(|text| (*text).to_owned()).collect();
        for _ in 0..TRIES {
            let (port, free) = (free_port(), free_port());
            let fill = |text: &&str| text.replace("{port}", &port.to_string()).replace("{free}", &free.to_string());
            let arguments = arguments.iter().map(fill).collect();
            let mut redis = Self { process: None, port, dir: TempDir::new(), arguments, asking: asking.clone() };
            redis.spawn();
            if redis.is_up().await {
                return redis;
            }
        }
        panic!("no Redis starts with {arguments:?}");
    }

    /// Starts it on the same port, without what it held before.
    pub async fn again(&mut self) {
        self.spawn();
        assert!(self.is_up().await, "another process took the port of a Redis that was stopped");
    }

    fn spawn(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(&self.arguments).current_dir(self.dir.path()).stdin(Stdio::null()).stdout(Stdio::null());
        self.process = Some(command.spawn().expect("redis-server is installed"));
    }

    /// False when the process ended instead.
    async fn is_up(&mut self) -> bool {
        let mut process = self.process.take().expect("it was spawned");
        let up = eventually("Redis", async || match process.try_wait().expect("it is our child") {
            Some(_) => Some(false),
            None => (self.say(&["PING"]) == "PONG").then_some(true),
        });
        let up = up.await;
        self.process = Some(process);
        up
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.host())
    }

    /// `address:port`
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> String {
        self.port.to_string()
    }

    /// What a command is answered.
    pub fn say(&self, command: &[&str]) -> String {
        let mut cli = Command::new("redis-cli");
        cli.args(["-p", &self.port()]).args(&self.asking).args(command).stderr(Stdio::null());
        String::from_utf8_lossy(&cli.output().expect("redis-cli is installed").stdout).trim().to_owned()
    }

    /// A field of an answer in lines of `name:value`.
    pub fn field(&self, command: &[&str], name: &str) -> String {
        let answer = self.say(command);
        let value = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.unwrap_or_default().trim().to_owned()
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

fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address").port()
}

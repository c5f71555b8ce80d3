//! The real binary.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

pub const BINARY: &str = env!("CARGO_BIN_EXE_synctv");
const START: Duration = Duration::from_secs(60);

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A directory that is removed with the value.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new() -> Self {
        let name = format!("synctv-data-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a fresh directory");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A `synctv` command with nothing inherited but what the test sets.
pub fn synctv(arguments: &[&str]) -> Command {
    program(Path::new(BINARY), arguments)
}

/// As [`synctv`], of a copy of the binary.
pub fn program(binary: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars()
        .filter(|(name, _)| name.starts_with("SYNCTV_") || ["DATABASE_URL", "REDIS_URL"].contains(&name.as_str()))
    {
        command.env_remove(name);
    }
    command.env("SYNCTV_RATE_LIMITS", "off");
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs a verb to its end.
pub fn verb(arguments: &[&str]) -> Output {
    synctv(arguments).output().expect("the binary runs")
}

/// A running server; killed with the value.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:port`
    pub url: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Over a database, with a directory of its own, on a free port.
    pub fn start(database_url: &str, data_dir: &Path) -> Self {
        Self::spawn(synctv(&[]).env("DATABASE_URL", database_url), data_dir)
    }

    /// With settings as variables; waits until it serves.
    pub fn spawn(command: &mut Command, data_dir: &Path) -> Self {
        Self::spawn_at(command, data_dir, "127.0.0.1:0")
    }

    /// As [`Server::spawn`], at another address.
    pub fn spawn_at(command: &mut Command, data_dir: &Path, listen: &str) -> Self {
        command.arg("serve").arg("--data-dir").arg(data_dir).args(["--listen", listen, "--log-format", "json"]);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the binary runs");
        let (log, ready) = (Arc::new(Mutex::new(Vec::new())), mpsc::channel());
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let lines = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Some(address) = address(&line) {
                    let _ = ready.0.send(address);
                }
                lines.lock().expect("nobody panics with it").push(line);
            }
        });
        let Ok(address) = ready.1.recv_timeout(START) else {
            let _ = child.kill();
            panic!("the server did not start:\n{}", log.lock().expect("nobody panics with it").join("\n"));
        };
        Self { child, url: format!("http://{address}"), log }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.halt();
    }

    /// SIGKILL, and its end.
    pub fn halt(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it was killed");
    }

    /// SIGTERM, and its exit.
    pub fn terminate(mut self) -> ExitStatus {
        self.signal("TERM");
        self.child.wait().expect("it ends")
    }

    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it is our child")
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("nobody panics with it").join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of a process, bytes.
pub fn memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// Sends a signal to a process.
pub fn signal(id: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status().expect("kill runs");
    assert!(sent.success(), "kill -{name} {id}");
}

fn address(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let ready = line["message"].as_str()?.starts_with("server.ready");
    ready.then(|| line["address"].as_str().map(str::to_owned))?
}

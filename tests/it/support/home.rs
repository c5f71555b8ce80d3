//! A server with a PostgreSQL of its own.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::server::{BINARY, Server, TempDir, program, signal};

/// Where a server and its PostgreSQL live; that one is stopped with the value, or when the test process is gone.
pub struct Home {
    dir: TempDir,
    binary: PathBuf,
    /// Whose processes they are; none: this process's.
    user: Option<u32>,
    cleaner: Child,
}

impl Home {
    pub fn new(user: Option<u32>) -> Self {
        let dir = TempDir::new();
        let at = dir.path();
        std::fs::create_dir(at.join("data")).expect("it is fresh");
        let mut binary = PathBuf::from(BINARY);
        if let Some(user) = user {
            // The build's own directory may be closed to others.
            binary = at.join("synctv");
            std::fs::copy(BINARY, &binary).expect("there is space");
            for path in [at, &*binary] {
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("they are ours");
            }
            std::os::unix::fs::chown(at.join("data"), Some(user), None).expect("root may");
        }
        let script = "cat > /dev/null; read -r pid < data/postgres/postmaster.pid || exit 0
            kill -QUIT $pid; kill -CONT $pid; while kill -0 $pid 2>&-; do sleep 0.1; done; rm -rf \"$PWD\"";
        let mut cleaner = Command::new("sh");
        cleaner.args(["-c", script]).current_dir(at).stdin(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        Self { cleaner: cleaner.spawn().expect("sh runs"), binary, user, dir }
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(&self.binary, arguments);
        command.current_dir("/");
        if let Some(user) = self.user {
            command.uid(user).gid(user).env("HOME", "/nonexistent").env_remove("XDG_DATA_HOME");
        }
        command
    }

    pub fn serve(&self) -> Server {
        Server::spawn(&mut self.command(&[]), &self.data())
    }

    /// The process id of PostgreSQL, as its file tells.
    pub fn postmaster(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.data().join("postgres/postmaster.pid")).ok()?;
        text.lines().next()?.parse().ok()
    }

    pub fn database(&self) -> String {
        format!("postgres://synctv@localhost/synctv?host={}", self.data().join("run").display())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(self.cleaner.stdin.take());
        let _ = self.cleaner.wait();
    }
}

/// Whether it does more than wait to be collected.
pub fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Processes that do nothing until the value is dropped.
pub struct Frozen(Vec<u32>);

impl Frozen {
    /// A process and its children.
    pub fn with_children(parent: u32) -> Self {
        signal(parent, "STOP");
        // It makes no more of them.
        let mut frozen = Self(vec![parent]);
        for child in children(parent) {
            signal(child, "STOP");
            frozen.0.push(child);
        }
        frozen
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        let ids = self.0.iter().map(u32::to_string);
        // Who was killed meanwhile is not there any more.
        let _ = Command::new("kill").arg("-CONT").args(ids).stderr(Stdio::null()).status();
    }
}

fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").expect("there is one");
    let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|id| parent_of(*id) == Some(parent)).collect()
}

fn parent_of(id: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}

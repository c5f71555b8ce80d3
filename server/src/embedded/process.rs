//! Which processes are PostgreSQL's, as `/proc` tells.

use std::path::Path;

use super::EmbeddedError;
use super::account::{Account, not_run};

/// Prints the processes whose working directory is `$0`: every process of a postmaster stays in its cluster.
const IN_DIRECTORY: &str = r#"for p in /proc/[0-9]*; do [ "$p/cwd" -ef "$0" ] && echo "${p#/proc/}"; done; true"#;

/// One process, not to be mistaken for a later one of the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    started: String,
}

impl Process {
    /// The process of that id, unless it is gone or a zombie that nobody collected.
    pub(super) fn of(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let started = started_in(&stat)?;
        Some(Self { pid, started })
    }

    /// Whether it still runs. Readable for everybody, so it costs no program.
    pub(super) fn is_alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }
}

/// The processes of PostgreSQL that use `cluster`. Asked as the account, because root in a container may not look
/// into other users' processes, while everybody may look into their own.
pub(super) async fn using(cluster: &Path, account: &Account) -> Result<Vec<u32>, EmbeddedError> {
    let mut command = account.command("sh", Path::new("/"));
    let output = command.arg("-c").arg(IN_DIRECTORY).arg(cluster).output().await.map_err(not_run(Path::new("sh")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(|line| line.parse().ok()).filter(|pid| is_postgres(*pid)).collect())
}

/// Passes over a shell that somebody opened in the directory.
fn is_postgres(pid: u32) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    matches!(name.trim_end(), "postgres" | "postmaster")
}

/// The start time (field 22) in ticks since boot; none for a zombie. The name (field 2) may hold anything, even `)`.
fn started_in(stat: &str) -> Option<String> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?;
    let started = fields.nth(18)?;
    (!matches!(state, "Z" | "X")).then(|| started.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_a_later_one_of_the_same_id() {
        let own = Process::of(std::process::id()).unwrap();
        assert!(own.is_alive());
        let earlier = Process { started: "1".to_owned(), ..own };
        assert!(!earlier.is_alive());
    }

    #[test]
    fn a_zombie_is_not_alive() {
        let line = |state| format!("7 (a) b) {state} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21");
        assert_eq!(started_in(&line("S")), Some("4711".to_owned()));
        assert_eq!(started_in(&line("Z")), None);
    }
}

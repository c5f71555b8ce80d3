//! Which processes are PostgreSQL's, as `/proc` tells.

use std::path::Path;

use super::EmbeddedError;
use super::account::{Account, not_run};
use super::place::Place;

/// Prints the processes whose working directory is one of the arguments.
const WORKING_IN: &str =
    r#"for p in /proc/[0-9]*; do for d; do [ "$p/cwd" -ef "$d" ] && echo "${p#/proc/}"; done; done; true"#;

/// One process, not to be mistaken for a later one of the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    started: String,
}

impl Process {
    /// The process of that id, unless it is gone or a zombie that nobody collected.
    pub(super) fn of(pid: u32) -> Option<Self> {
        let started = started_in(&read(pid, "stat"))?;
        Some(Self { pid, started })
    }

    /// Whether it still runs. Readable for everybody, so it costs no program.
    pub(super) fn is_alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }
}

/// The processes of PostgreSQL that use the cluster or are about to: a postmaster moves into its cluster and its
/// children stay there, while a start that outlived its server is still in the data directory. Asked as the account,
/// because root in a container may not look into other users' processes, while everybody may look into their own.
pub(super) async fn using(place: &Place, account: &Account) -> Result<Vec<u32>, EmbeddedError> {
    let mut command = account.command("sh", Path::new("/"));
    command.args(["-c", WORKING_IN, "sh"]).args([&place.cluster, &place.data_dir]);
    let output = command.output().await.map_err(not_run(Path::new("sh")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let pids = text.lines().filter_map(|line| line.parse().ok());
    Ok(pids.filter(|pid| is_postgres(*pid) || is_start(*pid)).collect())
}

/// Passes over a shell that somebody opened in the directory.
fn is_postgres(pid: u32) -> bool {
    matches!(read(pid, "comm").trim_end(), "postgres" | "postmaster")
}

/// Lives until its postmaster is ready. The other uses of the program leave the cluster as it is.
fn is_start(pid: u32) -> bool {
    read(pid, "comm").trim_end() == "pg_ctl" && read(pid, "cmdline").split('\0').any(|word| word == "start")
}

fn read(pid: u32, file: &str) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default()
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

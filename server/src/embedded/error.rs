//! What can go wrong, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why the embedded PostgreSQL is not there; the text tells the operator what to do.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No directory holds all the programs.
    #[error("PostgreSQL is not installed: install the package `postgresql` or set DATABASE_URL")]
    NotInstalled,
    /// The cluster was made by a major version that is not installed.
    #[error(
        "the cluster in {} was made by PostgreSQL {cluster}, but only {found} is installed: \
         install `postgresql-{cluster}`, or migrate the cluster with pg_upgrade", path.display()
    )]
    WrongVersion {
        /// The cluster's directory.
        path: PathBuf,
        /// Its major version.
        cluster: String,
        /// The major versions that are installed.
        found: String,
    },
    /// PostgreSQL refuses to run as root, and there is no user to run it as.
    #[error(
        "PostgreSQL does not run as root and there is no user `postgres` in /etc/passwd: \
         install the package `postgresql`, start as a normal user, or set DATABASE_URL"
    )]
    NoPostgresUser,
    /// The cluster is somebody else's.
    #[error(
        "the cluster in {} belongs to user id {owner}, not to `{user}`: start as its owner, \
         choose another --data-dir, or hand it over with `chown -R {user}`", path.display()
    )]
    NotOurs {
        /// The cluster's directory.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who would have to.
        user: String,
    },
    /// The user that runs PostgreSQL cannot get to the data directory.
    #[error(
        "the user `{user}`, which runs PostgreSQL, cannot enter {}: choose another --data-dir than {} \
         (for example /var/lib/synctv), or allow it with `chmod o+x {}`",
        parent.display(), data_dir.display(), parent.display()
    )]
    Untraversable {
        /// The directory that is closed to the user.
        parent: PathBuf,
        /// The user.
        user: String,
        /// The data directory below it.
        data_dir: PathBuf,
    },
    /// The cluster's place is taken by something that is no cluster.
    #[error("{} is neither empty nor a PostgreSQL cluster: move it away or choose another --data-dir", path.display())]
    NotACluster {
        /// The directory.
        path: PathBuf,
    },
    /// The socket's directory is somebody else's, or no directory.
    #[error(
        "{} is taken by user id {owner} and cannot hold PostgreSQL's socket: \
         remove it or choose another --data-dir", path.display()
    )]
    SocketDirTaken {
        /// The directory.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
    },
    /// The cluster could not be made.
    #[error("PostgreSQL's cluster could not be made: {detail}")]
    NotMade {
        /// What the program printed.
        detail: String,
    },
    /// The postmaster did not come up.
    #[error("PostgreSQL did not start: see {}; it ends with:\n{detail}", log.display())]
    NotStarted {
        /// The postmaster's log.
        log: PathBuf,
        /// The end of that log, and what the program printed.
        detail: String,
    },
    /// A postmaster is there and does not answer.
    #[error(
        "PostgreSQL (process {pid}) does not answer in {}: stop it with `kill -INT {pid}` and start again",
        socket_dir.display()
    )]
    NotAnswering {
        /// The postmaster.
        pid: u32,
        /// The directory of its socket.
        socket_dir: PathBuf,
    },
    /// Processes of a dead postmaster still use the cluster, so no new one may start.
    #[error("processes of an earlier PostgreSQL still use the cluster: end them with `kill {}`", list(pids))]
    StillInUse {
        /// Those processes.
        pids: Vec<u32>,
    },
    /// The postmaster did not stop in time.
    #[error("PostgreSQL did not stop: {detail}")]
    NotStopped {
        /// What the program printed.
        detail: String,
    },
    /// The operating system refused something.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl EmbeddedError {
    /// For `map_err`: names what was tried on which path.
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }
}

fn list(pids: &[u32]) -> String {
    let words: Vec<String> = pids.iter().map(u32::to_string).collect();
    words.join(" ")
}

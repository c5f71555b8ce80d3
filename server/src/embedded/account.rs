//! Whom PostgreSQL runs as: oneself, or `postgres` when the server is root, which PostgreSQL refuses to be.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Output, Stdio};

use tokio::process::Command;

use super::EmbeddedError;

const PASSWD: &str = "/etc/passwd";
const USER: &str = "postgres";
/// All that a child inherits. The rest could bend PostgreSQL (`PG*`, `LC_*`) or hold the server's secrets, which a
/// postmaster that outlives the server must not carry around.
const INHERITED: [&str; 3] = ["PATH", "LD_LIBRARY_PATH", "TZ"];

/// The user that owns the cluster and runs its programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) name: String,
    /// Only set when we are root and switch to it.
    gid: Option<u32>,
}

impl Account {
    /// Oneself, or `postgres` for root.
    pub(super) async fn current() -> Result<Self, EmbeddedError> {
        let uid = own_uid().await?;
        let passwd = tokio::fs::read_to_string(PASSWD).await.unwrap_or_default();
        if uid == 0 {
            return find(&passwd, |name, _| name == USER).ok_or(EmbeddedError::NoPostgresUser);
        }
        let name = find(&passwd, |_, id| id == uid).map_or_else(|| uid.to_string(), |it| it.name);
        Ok(Self { uid, name, gid: None })
    }

    /// The group to hand files to, together with the user; none when files are ours anyway.
    pub(super) fn switched_gid(&self) -> Option<u32> {
        self.gid
    }

    /// A program run as this user, in `dir`, in a process group of its own: a Ctrl-C meant for the server must not
    /// reach it. Directories are entered after the switch, so a closed one fails here.
    pub(super) fn command(&self, program: impl AsRef<OsStr>, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").current_dir(dir).process_group(0);
        for name in INHERITED {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        if let Some(gid) = self.gid {
            command.uid(self.uid).gid(gid);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Refuses a directory that this user cannot reach, naming the first closed one above it.
    pub(super) async fn check_reach(&self, dir: &Path) -> Result<(), EmbeddedError> {
        if self.gid.is_none() {
            return Ok(());
        }
        let mut way: Vec<&Path> = dir.ancestors().collect();
        way.reverse();
        for step in way {
            // Trying beats reading modes: access lists and mounts count too.
            if self.command("true", step).output().await.is_err() {
                return Err(EmbeddedError::Untraversable {
                    parent: step.to_owned(),
                    user: self.name.clone(),
                    data_dir: dir.to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// The standard library does not tell, and `/proc` may show another owner for a hardened process.
async fn own_uid() -> Result<u32, EmbeddedError> {
    let failed = EmbeddedError::io("run the program", Path::new("id"));
    let output = Command::new("id").arg("-u").stdin(Stdio::null()).output().await;
    output
        .and_then(|it| String::from_utf8_lossy(&it.stdout).trim().parse().map_err(std::io::Error::other))
        .map_err(failed)
}

/// The first entry of a passwd file that fits; lines that make no sense are passed over.
fn find(passwd: &str, fits: impl Fn(&str, u32) -> bool) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        fits(name, uid).then(|| Account { uid, name: name.to_owned(), gid: Some(gid) })
    })
}

/// What a program printed, for an error's text.
pub(super) fn printed(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    if text.is_empty() { output.status.to_string() } else { text }
}

/// For an error's path: the program that could not be run.
pub(super) fn not_run(program: &Path) -> impl FnOnce(std::io::Error) -> EmbeddedError + use<> {
    EmbeddedError::io("run the program", program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passwd_entry_is_found_among_broken_ones() {
        let text =
            "\n# note\npostgres\npostgres:x:y:1::\nroot:x:0:0::/root:/bin/sh\npostgres:x:101:104:a,b:/:/bin/sh\n";
        let expected = Account { uid: 101, name: "postgres".to_owned(), gid: Some(104) };
        assert_eq!(find(text, |name, _| name == "postgres"), Some(expected));
        assert_eq!(find(text, |name, _| name == "nobody"), None);
    }
}

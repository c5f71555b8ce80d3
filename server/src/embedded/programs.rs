//! Where PostgreSQL's programs are. Debian keeps all but the clients off the PATH, one directory per major version.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::EmbeddedError;
use super::account::{Account, not_run};

const NEEDED: [&str; 4] = ["initdb", "pg_ctl", "pg_isready", "postgres"];
const VERSIONS: &str = "/usr/lib/postgresql";

/// One installation.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    bin: PathBuf,
}

impl Programs {
    /// The first on the PATH, then the newest; with a cluster, the first of the cluster's own major version, because
    /// no other can read it.
    pub(super) async fn find(account: &Account, cluster: &Path) -> Result<Self, EmbeddedError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let candidates = candidates(&path, Path::new(VERSIONS));
        let Some(first) = candidates.first() else {
            return Err(EmbeddedError::NotInstalled);
        };
        let Ok(wanted) = tokio::fs::read_to_string(cluster.join("PG_VERSION")).await else {
            return Ok(Self { bin: first.clone() });
        };
        let wanted = wanted.trim();
        let mut found: Vec<String> = Vec::new();
        for bin in candidates {
            let programs = Self { bin };
            let version = programs.major(account).await?;
            if version == wanted {
                return Ok(programs);
            }
            if !found.contains(&version) {
                found.push(version);
            }
        }
        let (path, cluster, found) = (cluster.to_owned(), wanted.to_owned(), found.join(", "));
        Err(EmbeddedError::WrongVersion { path, cluster, found })
    }

    /// The full path of one of the needed programs.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    async fn major(&self, account: &Account) -> Result<String, EmbeddedError> {
        let program = self.path("postgres");
        let output = account.command(&program, Path::new("/")).arg("--version").output().await;
        Ok(major_in(&String::from_utf8_lossy(&output.map_err(not_run(&program))?.stdout)))
    }
}

/// Directories that hold every needed program, the preferred one first.
fn candidates(path: &OsStr, versions: &Path) -> Vec<PathBuf> {
    let mut numbered: Vec<(u32, PathBuf)> = std::fs::read_dir(versions)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    numbered.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    std::env::split_paths(path)
        // A relative entry would mean another directory after the change of directory.
        .filter(|dir| dir.is_absolute())
        .chain(numbered.into_iter().map(|(_, bin)| bin))
        .filter(|bin| NEEDED.iter().all(|name| bin.join(name).is_file()))
        .collect()
}

/// `15` in `postgres (PostgreSQL) 15.4 (Debian 15.4-1)`, also for `17beta1`.
fn major_in(text: &str) -> String {
    let version = text.split_whitespace().nth(2).unwrap_or_default();
    version.chars().take_while(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::Scratch;
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_prints() {
        assert_eq!(major_in("postgres (PostgreSQL) 15.4 (Debian 15.4-1)\n"), "15");
        assert_eq!(major_in("postgres (PostgreSQL) 17beta1\n"), "17");
        assert_eq!(major_in(""), "");
    }

    #[test]
    fn the_path_comes_first_then_the_newest_version_and_incomplete_ones_are_passed_over() {
        let scratch = Scratch::new();
        let versions = scratch.path().join("versions");
        let on_path = scratch.path().join("on path");
        for bin in [versions.join("9/bin"), versions.join("16/bin"), versions.join("17/bin"), on_path.clone()] {
            std::fs::create_dir_all(&bin).unwrap();
            for name in NEEDED.iter().filter(|name| !bin.starts_with(versions.join("17")) || **name != "initdb") {
                std::fs::write(bin.join(name), "").unwrap();
            }
        }
        let path = std::env::join_paths([Path::new("relative"), Path::new("/nowhere"), &on_path]).unwrap();
        let expected = [on_path, versions.join("16/bin"), versions.join("9/bin")];
        assert_eq!(candidates(&path, &versions), expected);
    }
}

//! Making the cluster: beside its place, and moved there when whole, so that a half-made one is never used.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, lchown};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::account::{Account, not_run, printed};
use super::place::Place;
use super::programs::Programs;
use super::{EmbeddedError, settings};

const UNFINISHED: &str = "postgres.unfinished-";

/// Makes the cluster if there is none, and removes what an interrupted attempt left.
pub(super) async fn ensure(place: &Place, account: &Account, programs: &Programs) -> Result<(), EmbeddedError> {
    remove_unfinished(place).await;
    if is_cluster(&place.cluster)? {
        return check_owner(&place.cluster, account).await;
    }
    // The name is new each time: an initdb that outlived its server must not write into, or clean up, this one.
    let fresh = place.data_dir.join(format!("{UNFINISHED}{:016x}", RandomState::new().build_hasher().finish()));
    let made = make(&fresh, place, account, programs).await;
    if made.is_err() {
        remove_unfinished(place).await;
    }
    made
}

/// Whether a whole cluster is there; something else in its place is never touched.
fn is_cluster(dir: &Path) -> Result<bool, EmbeddedError> {
    if dir.join("PG_VERSION").is_file() && dir.join("global/pg_control").is_file() {
        return Ok(true);
    }
    match std::fs::read_dir(dir).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(false),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        // A cluster of somebody else cannot be looked into.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Ok(true),
        _ => Err(EmbeddedError::NotACluster { path: dir.to_owned() }),
    }
}

async fn check_owner(cluster: &Path, account: &Account) -> Result<(), EmbeddedError> {
    let owner = std::fs::metadata(cluster).map_err(EmbeddedError::io("read", cluster))?.uid();
    match account.switched_gid() {
        _ if owner == account.uid => Ok(()),
        // Root's: a copy brought back from a backup.
        Some(gid) if owner == 0 => hand_over(cluster, account.uid, gid).await,
        _ => Err(EmbeddedError::NotOurs { path: cluster.to_owned(), owner, user: account.name.clone() }),
    }
}

async fn hand_over(cluster: &Path, uid: u32, gid: u32) -> Result<(), EmbeddedError> {
    let mut command = tokio::process::Command::new("chown");
    // Links themselves, not what they name. The top comes last, so an interrupted run is done again.
    command.arg("-hR").arg(format!("{uid}:{gid}")).arg("--").arg(cluster).stdin(Stdio::null());
    let output = command.output().await.map_err(not_run(Path::new("chown")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(EmbeddedError::io("change the owner of", cluster)(std::io::Error::other(printed(&output))))
}

async fn make(fresh: &Path, place: &Place, account: &Account, programs: &Programs) -> Result<(), EmbeddedError> {
    std::fs::DirBuilder::new().mode(0o700).create(fresh).map_err(EmbeddedError::io("make the directory", fresh))?;
    if let Some(gid) = account.switched_gid() {
        lchown(fresh, Some(account.uid), Some(gid)).map_err(EmbeddedError::io("change the owner of", fresh))?;
    }
    let run = Run { fresh, place, account };
    let options = ["--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", "-U", "synctv", "--data-checksums"];
    run.program(&programs.path("initdb"), &options, "").await?;
    // Before anyone can connect, so that a cluster in its place always has the database.
    let alone = ["--single", "-c", "exit_on_error=on", "postgres"];
    run.program(&programs.path("postgres"), &alone, "CREATE DATABASE synctv\n").await?;
    let append = ["-c", r#"printf '\n%s\n' "$0" >> "$PGDATA/postgresql.conf""#, &settings::include_line()];
    run.program(Path::new("sh"), &append, "").await?;
    let keep = || {
        std::fs::File::open(fresh.join("postgresql.conf"))?.sync_all()?;
        std::fs::rename(fresh, &place.cluster)?;
        std::fs::File::open(&place.data_dir)?.sync_all()
    };
    keep().map_err(EmbeddedError::io("move the new cluster to", &place.cluster))
}

/// Where the steps of the making happen.
struct Run<'a> {
    fresh: &'a Path,
    place: &'a Place,
    account: &'a Account,
}

impl Run<'_> {
    async fn program(&self, program: &Path, arguments: &[&str], input: &str) -> Result<(), EmbeddedError> {
        let mut command = self.account.command(program, &self.place.data_dir);
        command.args(arguments).env("PGDATA", self.fresh).kill_on_drop(true);
        // The input is a line: it fits the pipe's buffer, so writing never waits for the reader.
        let (reader, mut writer) = std::io::pipe().map_err(not_run(program))?;
        writer.write_all(input.as_bytes()).map_err(not_run(program))?;
        drop(writer);
        let output = command.stdin(reader).output().await.map_err(not_run(program))?;
        if output.status.success() {
            return Ok(());
        }
        Err(EmbeddedError::NotMade { detail: format!("{}: {}", program.display(), printed(&output)) })
    }
}

/// A leftover that cannot be removed costs space only, so it does not stop the start.
async fn remove_unfinished(place: &Place) {
    let is_unfinished = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with(UNFINISHED)
    };
    let entries = std::fs::read_dir(&place.data_dir).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(is_unfinished) {
        match tokio::fs::remove_dir_all(&path).await {
            Ok(()) => {
                tracing::debug!(path = %path.display(), "removed an unfinished cluster");
            }
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "cannot remove an unfinished cluster");
            }
        }
    }
}

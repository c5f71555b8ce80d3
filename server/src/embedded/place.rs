//! What lies where in the data directory, and who may enter it.

use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::{EmbeddedError, socket};

/// The log's name within the data directory.
pub(super) const LOG: &str = "postgres.log";
/// The settings' name within the data directory.
pub(super) const SETTINGS: &str = "postgres.conf";

/// The paths of one embedded PostgreSQL, all absolute and free of links.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) data_dir: PathBuf,
    pub(super) cluster: PathBuf,
    pub(super) socket_dir: PathBuf,
}

impl Place {
    /// The place in an existing data directory.
    pub(super) fn existing(data_dir: &Path) -> Result<Self, EmbeddedError> {
        // One directory, one name: the short socket directory is derived from it.
        let data_dir = data_dir.canonicalize().map_err(EmbeddedError::io("find", data_dir))?;
        let (cluster, socket_dir) = (data_dir.join("postgres"), socket::directory(&data_dir));
        Ok(Self { data_dir, cluster, socket_dir })
    }

    /// The place in a data directory that is made if missing and opened just enough for `account`.
    pub(super) async fn prepare(data_dir: &Path, account: &Account) -> Result<Self, EmbeddedError> {
        if !data_dir.is_dir() {
            make(data_dir).map_err(EmbeddedError::io("make the directory", data_dir))?;
        }
        let place = Self::existing(data_dir)?;
        if account.switched_gid().is_some() {
            open_a_crack(&place.data_dir).map_err(EmbeddedError::io("set the mode of", &place.data_dir))?;
        }
        account.check_reach(&place.data_dir).await?;
        Ok(place)
    }

    /// The postmaster's log.
    pub(super) fn log(&self) -> PathBuf {
        self.data_dir.join(LOG)
    }

    /// Makes the log if missing, because the account may not make files in the data directory.
    pub(super) fn prepare_log(&self, account: &Account) -> Result<(), EmbeddedError> {
        let Some(gid) = account.switched_gid() else {
            return Ok(());
        };
        let hand_over = || {
            let log = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(self.log())?;
            if log.metadata()?.uid() != account.uid {
                fchown(&log, Some(account.uid), Some(gid))?;
            }
            Ok(())
        };
        hand_over().map_err(EmbeddedError::io("prepare", &self.log()))
    }

    /// The last lines of the log, for an error's text.
    pub(super) fn log_tail(&self) -> String {
        use std::os::unix::fs::FileExt;
        const BYTES: u64 = 2048;
        let read = || {
            let log = std::fs::File::open(self.log())?;
            let from = log.metadata()?.len().saturating_sub(BYTES);
            let mut bytes = vec![0; BYTES as usize];
            let length = log.read_at(&mut bytes, from)?;
            bytes.truncate(length);
            Ok::<_, std::io::Error>(bytes)
        };
        let bytes = read().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

/// Only the directory itself is closed; parents get the usual mode, so that another user can pass them.
fn make(data_dir: &Path) -> std::io::Result<()> {
    if let Some(parent) = data_dir.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::DirBuilder::new().mode(0o700).create(data_dir)
}

/// Others may pass, not look. A shared directory such as /tmp stays as it is: it is not ours alone.
fn open_a_crack(data_dir: &Path) -> std::io::Result<()> {
    const STICKY: u32 = 0o1000;
    if std::fs::metadata(data_dir)?.mode() & STICKY != 0 {
        return Ok(());
    }
    std::fs::set_permissions(data_dir, std::fs::Permissions::from_mode(0o711))
}

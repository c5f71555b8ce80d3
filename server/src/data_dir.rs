//! The node's own directory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rand::RngCore;

/// Characters of an operator's token, at least.
const TOKEN: usize = 32;

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made, read or written.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The operator's token was made by hand, and not well.
    #[error("{path} holds no token of {TOKEN} characters or more; remove it to have a new one made", path = path.display())]
    Token {
        /// The file.
        path: PathBuf,
    },
    /// Another server is at work in it.
    #[error("{path} is in use by another synctv (process {holder}); stop it, or choose another --data-dir", path = path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
        /// Its process id, as far as known.
        holder: String,
    },
}

/// The directory, held exclusively until dropped (or until the process is gone).
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory if there is none, and takes hold of it.
    ///
    /// # Errors
    /// When it cannot be used, or is in use.
    pub fn hold(path: &Path) -> Result<Self, DataDirError> {
        fs::create_dir_all(path).map_err(|error| DataDirError::Io { path: path.to_owned(), error })?;
        let lock_path = path.join("synctv.lock");
        let failed = |error| DataDirError::Io { path: lock_path.clone(), error };
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let known = lock.read_to_string(&mut holder).is_ok() && !holder.is_empty();
                let holder = if known { holder } else { "unknown".to_owned() };
                return Err(DataDirError::InUse { path: path.to_owned(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        lock.set_len(0).and_then(|()| lock.write_all(std::process::id().to_string().as_bytes())).map_err(failed)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The token of operators and auditors, made at the first start; only the owner of the directory can read it.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no token.
    pub fn operator_token(&self) -> Result<String, DataDirError> {
        let path = self.path.join("operator.token");
        let failed = |error| DataDirError::Io { path: path.clone(), error };
        if !path.exists() {
            let mut bytes = [0; 32];
            rand::rng().fill_bytes(&mut bytes);
            let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            replace(&path, format!("synctv_op_{token}\n").as_bytes()).map_err(failed)?;
        }
        let token = fs::read_to_string(&path).map_err(failed)?.trim().to_owned();
        if token.len() < TOKEN { Err(DataDirError::Token { path }) } else { Ok(token) }
    }
}

/// Writes a private file whole or not at all.
pub(crate) fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

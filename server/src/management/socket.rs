//! The socket in the data directory, which only its owner can connect to.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// Its name in the data directory.
pub(crate) const NAME: &str = "synctv.sock";
/// The kernel takes 108 bytes with the closing NUL.
const LONGEST: usize = 107;

/// Listens, and tells where. One that a killed server left is replaced; the caller holds the directory, so that no other
/// server is at work behind it.
///
/// The socket is made in a directory that is closed to others, and moved to its place with its mode: there is no moment at
/// which somebody else could connect.
pub(super) fn bind(data_dir: &Path) -> io::Result<(UnixListener, PathBuf)> {
    let (draft, path) = (data_dir.join("synctv.sock.draft"), data_dir.join(NAME));
    match fs::remove_dir_all(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    DirBuilder::new().mode(0o700).create(&draft)?;
    let (_held, reachable) = short(&draft, NAME)?;
    let listener = UnixListener::bind(reachable)?;
    let made = draft.join(NAME);
    fs::set_permissions(&made, Permissions::from_mode(0o600))?;
    fs::rename(made, &path)?;
    fs::remove_dir(draft)?;
    Ok((listener, path))
}

/// The path of a socket as the kernel takes it, good as long as the file is held. However deep a directory is, it has a short
/// name among the open files of this process.
pub(crate) fn short(dir: &Path, name: &str) -> io::Result<(Option<File>, PathBuf)> {
    let path = dir.join(name);
    if path.as_os_str().len() <= LONGEST {
        return Ok((None, path));
    }
    let held = File::open(dir)?;
    let path = Path::new("/proc/self/fd").join(held.as_raw_fd().to_string()).join(name);
    Ok((Some(held), path))
}

#[cfg(test)]
mod tests {
    use tokio::net::UnixStream;

    use super::*;
    use crate::embedded::Scratch;

    async fn answers(dir: &Path) {
        let (listener, path) = bind(dir).expect("it listens");
        assert_eq!(path, dir.join(NAME));
        let mode = fs::symlink_metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir).expect("it can be read").count(), 1, "something is left beside it");
        let (_held, reachable) = short(dir, NAME).expect("it can be reached");
        let (connected, accepted) = tokio::join!(UnixStream::connect(reachable), listener.accept());
        assert!(connected.is_ok() && accepted.is_ok(), "{connected:?} {accepted:?}");
    }

    #[tokio::test]
    async fn a_socket_is_made_closed_to_others_and_replaces_one_that_was_left() {
        let scratch = Scratch::new();
        answers(scratch.path()).await;
        // Nobody listens there any more, and a start was cut off.
        fs::create_dir(scratch.path().join("synctv.sock.draft")).expect("it is gone");
        fs::write(scratch.path().join("synctv.sock.draft/synctv.sock"), "").expect("it is ours");
        answers(scratch.path()).await;
    }

    #[tokio::test]
    async fn a_directory_may_be_deeper_than_the_kernel_takes() {
        let scratch = Scratch::new();
        let deep = scratch.path().join("d".repeat(60)).join("e".repeat(60));
        fs::create_dir_all(&deep).expect("it is ours");
        answers(&deep).await;
    }
}

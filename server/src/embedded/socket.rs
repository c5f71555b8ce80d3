//! Where the socket is: in the data directory, or, when the path would be too long for the kernel,
//! in a short directory whose name follows from the data directory's.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};

use super::EmbeddedError;
use super::account::Account;

/// The kernel takes 108 bytes with the closing NUL; PostgreSQL's lock file needs none of them.
const TOO_LONG: usize = 107;
const SOCKET: &str = ".s.PGSQL.5432";
/// Not `TMPDIR`: every process that looks for the socket must derive the same place.
const SHORT_ROOT: &str = "/tmp";

/// The socket's directory for an absolute data directory, existing or not.
pub(super) fn directory(data_dir: &Path) -> PathBuf {
    let inside = data_dir.join("run");
    // Clients take a comma for the end of the host, and a settings file holds no line break.
    let usable = |text: &str| !text.contains(|c: char| c == ',' || c.is_control());
    let usable = inside.to_str().is_some_and(usable);
    if usable && inside.join(SOCKET).as_os_str().len() < TOO_LONG {
        return inside;
    }
    Path::new(SHORT_ROOT).join(format!("synctv-{:016x}", fnv1a(data_dir.as_os_str().as_bytes())))
}

/// The file by which a postmaster claims the socket.
pub(super) fn lock(dir: &Path) -> PathBuf {
    dir.join(format!("{SOCKET}.lock"))
}

/// Makes the directory, mode 0700 and the account's. One that somebody else made first is refused, not followed.
pub(super) fn prepare(dir: &Path, account: &Account) -> Result<(), EmbeddedError> {
    use std::os::unix::fs::DirBuilderExt;
    match std::fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(EmbeddedError::io("make the directory", dir)(error));
        }
        _ => {}
    }
    let found = std::fs::symlink_metadata(dir).map_err(EmbeddedError::io("read", dir))?;
    let handed_over = found.uid() == account.uid;
    // Root's own is the one made above, now or by a start that was cut off before the hand-over.
    let half_way = account.switched_gid().is_some() && found.uid() == 0;
    if !found.is_dir() || !(handed_over || half_way) {
        return Err(EmbeddedError::SocketDirTaken { path: dir.to_owned(), owner: found.uid() });
    }
    if found.mode() & 0o7777 != 0o700 {
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(dir, mode).map_err(EmbeddedError::io("set the mode of", dir))?;
    }
    if let (false, Some(gid)) = (handed_over, account.switched_gid()) {
        lchown(dir, Some(account.uid), Some(gid)).map_err(EmbeddedError::io("change the owner of", dir))?;
    }
    Ok(())
}

/// The URL of the database behind a socket. The port is spelt out, because a `PGPORT` in the environment would
/// otherwise name another socket.
pub(super) fn url(dir: &Path) -> String {
    let mut host = String::new();
    for byte in dir.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            host.push(char::from(*byte));
        } else {
            host.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("postgres://synctv@localhost:5432/synctv?host={host}")
}

/// FNV-1a, 64 bits: the same in every build, unlike the standard library's hasher.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::super::tests::Scratch;
    use super::*;

    #[test]
    fn the_socket_moves_out_when_its_path_would_reach_107_bytes() {
        let of_length = |wanted: usize| {
            let rest = "/run/".len() + SOCKET.len();
            PathBuf::from(format!("/{}", "d".repeat(wanted - rest - 1)))
        };
        let longest = of_length(106);
        assert_eq!(directory(&longest), longest.join("run"));
        assert_eq!(directory(&longest).join(SOCKET).as_os_str().len(), 106);
        let short = directory(&of_length(107));
        assert!(short.starts_with("/tmp") && short.as_os_str().len() < 40, "{short:?}");
        assert_eq!(short, directory(&of_length(107)), "not the same every time");
        assert_ne!(short, directory(&of_length(108)), "shared by two data directories");
    }

    #[test]
    fn a_path_that_clients_or_settings_cannot_hold_moves_the_socket_out() {
        use std::ffi::OsStr;
        for name in [&b"/a\nb"[..], &b"/a,b"[..], &b"/a\xff"[..]] {
            let found = directory(Path::new(OsStr::from_bytes(name)));
            assert!(found.starts_with("/tmp"), "{found:?}");
        }
    }

    #[test]
    fn the_hash_is_fnv1a() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn the_url_encodes_the_directory() {
        let expected = "postgres://synctv@localhost:5432/synctv?host=%2Fa%20b%2F%C3%A9%26%3F";
        assert_eq!(url(Path::new("/a b/é&?")), expected);
    }

    #[tokio::test]
    async fn a_socket_directory_behind_a_link_is_refused() {
        let scratch = Scratch::new();
        let account = Account::current().await.unwrap();
        let (real, link) = (scratch.path().join("real"), scratch.path().join("link"));
        prepare(&real, &account).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let refused = prepare(&link, &account);
        assert!(matches!(refused, Err(EmbeddedError::SocketDirTaken { .. })), "{refused:?}");
    }

    #[tokio::test]
    async fn a_socket_directory_is_closed_to_others() {
        let scratch = Scratch::new();
        let account = Account::current().await.unwrap();
        let dir = scratch.path().join("run");
        std::fs::create_dir(&dir).unwrap();
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o777)).unwrap();
        prepare(&dir, &account).unwrap();
        let found = std::fs::metadata(&dir).unwrap();
        assert_eq!((found.mode() & 0o7777, found.uid()), (0o700, account.uid));
    }

    #[tokio::test]
    async fn a_socket_directory_of_somebody_else_is_refused() {
        let scratch = Scratch::new();
        let mut account = Account::current().await.unwrap();
        let dir = scratch.path().join("run");
        prepare(&dir, &account).unwrap();
        account.uid += 1;
        let refused = prepare(&dir, &account);
        assert!(matches!(refused, Err(EmbeddedError::SocketDirTaken { .. })), "{refused:?}");
    }
}

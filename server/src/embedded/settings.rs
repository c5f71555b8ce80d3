//! The settings that the cluster's own `postgresql.conf` includes.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::EmbeddedError;
use super::place::{Place, SETTINGS};

/// The line for `postgresql.conf`; relative, so that the data directory can be moved.
pub(super) fn include_line() -> String {
    format!("include '../{SETTINGS}'")
}

/// Writes the settings anew. The file lies in the data directory and not in the cluster: root writes nothing where
/// another user could have laid a link.
pub(super) fn write(place: &Place, lz4: bool) -> Result<(), EmbeddedError> {
    let path = place.data_dir.join(SETTINGS);
    let fresh = place.data_dir.join(format!("{SETTINGS}.new"));
    let replace = || {
        match std::fs::remove_file(&fresh) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = std::fs::File::create_new(&fresh)?;
        file.write_all(text(&place.socket_dir, lz4).as_bytes())?;
        // Whatever the umask: the user that runs PostgreSQL reads it.
        file.set_permissions(std::fs::Permissions::from_mode(0o644))?;
        file.sync_all()?;
        std::fs::rename(&fresh, &path)
    };
    replace().map_err(EmbeddedError::io("write", &path))
}

fn text(socket_dir: &Path, lz4: bool) -> String {
    let wal_compression = if lz4 { "lz4" } else { "off" };
    let sockets = quoted(&socket_dir.to_string_lossy());
    format!(
        "# Written anew at every start. Your own settings belong at the end of postgres/postgresql.conf.\n\
         port = 5432\n\
         listen_addresses = ''\n\
         unix_socket_directories = {sockets}\n\
         max_connections = 100\n\
         shared_buffers = 256MB\n\
         max_wal_size = 4GB\n\
         checkpoint_timeout = 15min\n\
         wal_compression = {wal_compression}\n\
         # An acknowledged command is durable: never off.\n\
         fsync = on\n\
         synchronous_commit = on\n"
    )
}

/// A list of one name (double quotes) within a setting's string (single quotes and backslashes).
fn quoted(name: &str) -> String {
    let item = name.replace('"', "\"\"").replace('\\', "\\\\").replace('\'', "''");
    format!("'\"{item}\"'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_quoted_twice() {
        assert_eq!(quoted(r#"/a, b/it's/"c"\d"#), r#"'"/a, b/it''s/""c""\\d"'"#);
    }

    #[test]
    fn lz4_is_only_asked_for_where_it_is_known() {
        for (known, expected) in [(true, "wal_compression = lz4\n"), (false, "wal_compression = off\n")] {
            let text = text(Path::new("/run"), known);
            assert!(text.contains(expected), "{text}");
        }
    }
}

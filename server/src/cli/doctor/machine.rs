//! The directory and the limits of this machine.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::check::Checks;
use super::words::bytes;
use crate::config::Config;

const DIRECTORY: &str = "data directory";
const FILES: &str = "open files";

/// Free bytes below which it will soon be full, and below which it is.
const LITTLE: u64 = 2 << 30;
const NOTHING: u64 = 256 << 20;
/// Open files of a server besides its connections.
const BESIDES: u64 = 10_000;

pub(super) fn look(config: &Config, checks: &mut Checks) {
    directory(&config.data_dir, checks);
    token(&config.data_dir.join("operator.token"), checks);
    open_files(u64::from(config.connections) + BESIDES, checks);
}

fn directory(path: &Path, checks: &mut Checks) {
    let shown = path.display();
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return checks.ok(DIRECTORY, format!("{shown} is not there yet; a server makes it at its first start"));
        }
        Err(error) => {
            return checks.wrong(DIRECTORY, format!("{shown}: {error}"), "let the user of the server into it");
        }
    };
    let probe = path.join(format!("synctv.probe.{}", std::process::id()));
    let written = OpenOptions::new().write(true).create_new(true).open(&probe);
    let _ = fs::remove_file(&probe);
    if let Err(error) = written {
        let todo = "run this as the user of the server, and let it write there";
        return checks.wrong(DIRECTORY, format!("{shown} cannot be written: {error}"), todo);
    }
    if metadata.permissions().mode() & 0o022 != 0 {
        let todo = format!("chmod go-w {shown}");
        checks.wrong(DIRECTORY, format!("others than its owner can write {shown}"), todo);
    }
    match rustix::fs::statvfs(path) {
        Ok(stat) => space(&shown.to_string(), stat.f_bavail.saturating_mul(stat.f_frsize), checks),
        Err(error) => checks.warning(DIRECTORY, format!("{shown}: free space is unknown: {error}"), "look by hand"),
    }
}

fn space(shown: &str, free: u64, checks: &mut Checks) {
    let says = format!("{shown} can be written, {} are free", bytes(free));
    match free {
        ..NOTHING => checks.wrong(DIRECTORY, says, "make room at once: a server stops to answer when it is full"),
        NOTHING..LITTLE => checks.warning(DIRECTORY, says, "make room"),
        LITTLE.. => checks.ok(DIRECTORY, says),
    }
}

fn token(path: &Path, checks: &mut Checks) {
    const TOKEN: &str = "operator token";
    let Ok(metadata) = fs::metadata(path) else { return };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        checks.ok(TOKEN, "only its owner can read it");
    } else {
        let says = format!("{} can be read by others (mode {mode:o})", path.display());
        checks.wrong(
            TOKEN,
            says,
            format!("chmod 600 {}; if others did read it, remove it and restart", path.display()),
        );
    }
}

fn open_files(needed: u64, checks: &mut Checks) {
    match rlimit::getrlimit(rlimit::Resource::NOFILE) {
        Ok((_, hard)) if hard < needed => checks.warning(
            FILES,
            format!("a process may open {hard}, and every connection is one"),
            format!("allow {needed} or more: LimitNOFILE= of systemd, or ulimit -Hn"),
        ),
        Ok((_, hard)) => checks.ok(FILES, format!("a process may open {hard}")),
        Err(error) => checks.warning(FILES, format!("their limit is unknown: {error}"), "look at ulimit -Hn"),
    }
}

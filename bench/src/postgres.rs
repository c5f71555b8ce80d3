//! A PostgreSQL of the harness's own: a Unix socket, a directory under the system's temporary one, gone at the end.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// All that differs from PostgreSQL's defaults. fsync and synchronous_commit stay on.
const SETTINGS: &str =
    "\nlisten_addresses = ''\nshared_buffers = 1GB\nmax_wal_size = 8GB\ncheckpoint_timeout = 15min\n";
const VERSIONS: &str = "/usr/lib/postgresql";
const USER: &str = "postgres";

/// Stops and removes itself when dropped.
pub struct PrivatePostgres {
    bin: PathBuf,
    dir: PathBuf,
    /// Whom to become when we are root.
    account: Option<(u32, u32)>,
}

impl PrivatePostgres {
    /// Makes a cluster and starts it.
    pub fn start() -> Result<Self, Failure> {
        let bin = programs().ok_or(Failure::NoPostgres)?;
        let dir = std::env::temp_dir().join(format!("synctv-bench-{}", std::process::id()));
        let account = account()?;
        let file = |source| Failure::File { path: dir.clone(), source };
        fs::create_dir(&dir).map_err(file)?;
        if let Some((uid, gid)) = account {
            chown(&dir, Some(uid), Some(gid)).map_err(file)?;
        }
        let postgres = Self { bin, dir, account };
        let data = postgres.data();
        let kind = ["-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "-N", "-U", USER, "-D"];
        postgres.run("initdb", kind.map(OsStr::new).iter().chain([&data.as_os_str()]))?;
        postgres.configure(&data.join("postgresql.conf"))?;
        postgres.control("start")?;
        Ok(postgres)
    }

    fn configure(&self, path: &Path) -> Result<(), Failure> {
        let file = |source| Failure::File { path: path.to_owned(), source };
        let socket = format!("unix_socket_directories = '{}'\n", self.dir.display());
        let text = fs::read_to_string(path).map_err(file)? + SETTINGS + &socket;
        fs::write(path, text).map_err(file)
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Starts it or stops it, and waits.
    fn control(&self, what: &str) -> Result<(), Failure> {
        let (data, log) = (self.data(), self.dir.join("log"));
        let words = ["-m", "fast", "-w", "-s", "-D"].map(OsStr::new);
        let files = [data.as_os_str(), OsStr::new("-l"), log.as_os_str()];
        self.run("pg_ctl", [&OsStr::new(what)].into_iter().chain(&words).chain(&files)).map(drop)
    }

    /// Runs one of PostgreSQL's programs to its end, as PostgreSQL's user; gives what it printed.
    pub fn run<'a>(&self, program: &str, args: impl Iterator<Item = &'a &'a OsStr>) -> Result<String, Failure> {
        let mut command = self.command(program);
        command.args(args);
        // A server started from here keeps its outputs open: files, not pipes, or this would wait for its end.
        let output = self.dir.join(format!("{program}.out"));
        let file = |source| Failure::File { path: output.clone(), source };
        let sink = fs::File::create(&output).map_err(file)?;
        command.stdout(sink.try_clone().map_err(file)?).stderr(sink);
        let status = command.status().map_err(file)?;
        let printed = fs::read_to_string(&output).map_err(file)?;
        if status.success() {
            return Ok(printed);
        }
        Err(Failure::Program { program: program.to_owned(), output: printed.trim().to_owned() })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        // In a group of its own, a Ctrl-C reaches the harness alone, which then stops the server in order.
        command.current_dir(&self.dir).process_group(0).stdin(Stdio::null());
        command.env("LC_ALL", "C").env("PGHOST", &self.dir).env("PGUSER", USER);
        if let Some((uid, gid)) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Where a database of it is.
    pub fn url(&self, database: &str) -> String {
        let host = self.dir.display().to_string().replace('/', "%2F");
        format!("postgres://{USER}@localhost/{database}?host={host}")
    }

    /// A directory that its programs can read.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Of the server's first process.
    pub fn pid(&self) -> String {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        file.lines().next().unwrap_or_default().to_owned()
    }

    /// As its programs name themselves.
    pub fn version(&self) -> String {
        self.run("postgres", [&OsStr::new("--version")].into_iter())
            .map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        let stopped = self.data().join("postmaster.pid").exists().then(|| self.control("stop"));
        if let Some(Err(failure)) = stopped {
            eprintln!("synctv-bench: {failure}");
        }
        if let Err(error) = fs::remove_dir_all(&self.dir) {
            eprintln!("synctv-bench: {} stays behind: {error}", self.dir.display());
        }
    }
}

/// The first directory with all programs: of the PATH, then the newest installed version.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut installed: Vec<(u32, PathBuf)> = fs::read_dir(VERSIONS)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    installed.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    std::env::split_paths(&path)
        .chain(installed.into_iter().map(|(_, bin)| bin))
        .find(|bin| ["initdb", "pg_ctl", "postgres", "pgbench"].iter().all(|name| bin.join(name).is_file()))
}

/// None when we are not root: PostgreSQL runs as ourselves.
fn account() -> Result<Option<(u32, u32)>, Failure> {
    use std::os::unix::fs::MetadataExt;
    if fs::metadata("/proc/self").is_ok_and(|own| own.uid() != 0) {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = passwd.lines().find_map(|line| {
        let mut fields = line.strip_prefix(USER)?.strip_prefix(':')?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    ids.map(Some).ok_or(Failure::NoAccount)
}

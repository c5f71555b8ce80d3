//! Private PostgreSQL clusters for tests.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, PgConnection};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A cluster on a Unix socket. It is stopped and removed when the test process is gone, however that ends.
pub struct Cluster {
    dir: PathBuf,
    programs: PathBuf,
    _watchdog: Child,
}

impl Cluster {
    /// The one that most tests share; each takes a database of its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::private)
    }

    /// One to be stopped, restored or slowed down.
    pub fn private() -> Self {
        let programs = programs();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("synctv-test-{}-{number}", std::process::id()));
        std::fs::create_dir(&dir).expect("a fresh directory");
        own(&dir);
        let cluster = Self { _watchdog: watchdog(&dir, &programs), dir, programs };
        cluster
            .run("initdb", &["--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", "--username=synctv", "--no-sync"]);
        let settings = "listen_addresses = ''\nmax_connections = 200\nshared_buffers = 64MB\nlogging_collector = off\n";
        let path = cluster.dir.join("data/postgresql.conf");
        let written = std::fs::read_to_string(&path).expect("initdb wrote it");
        let socket = format!("unix_socket_directories = '{}'\n", cluster.dir.display());
        std::fs::write(&path, written + settings + &socket).expect("it is ours");
        cluster.start();
        cluster
    }

    pub fn start(&self) {
        let log = self.dir.join("log");
        self.run("pg_ctl", &["start", "-w", "-s", "-l", log.to_str().expect("UTF-8")]);
    }

    /// As a power cut: nothing is flushed, sessions are cut.
    pub fn stop_immediately(&self) {
        self.run("pg_ctl", &["stop", "-m", "immediate", "-s"]);
    }

    /// Copies the whole cluster (stopped meanwhile), to come back to with [`Cluster::restore`].
    pub fn backup(&self) {
        self.run("pg_ctl", &["stop", "-m", "fast", "-s"]);
        shell(&self.dir, "rm -rf backup && cp -a data backup");
        self.start();
    }

    /// Brings the copy back.
    pub fn restore(&self) {
        self.run("pg_ctl", &["stop", "-m", "fast", "-s"]);
        shell(&self.dir, "rm -rf data && cp -a backup data");
        self.start();
    }

    /// What PostgreSQL logged so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.dir.join("log")).expect("it logs")).into_owned()
    }

    /// A new, empty database.
    pub async fn database(&self) -> String {
        let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.expect("the cluster runs");
        sqlx::query(&format!("CREATE DATABASE {name}")).execute(&mut connection).await.expect("a new name");
        self.url(&name)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://synctv@localhost/{database}?host={}", self.dir.display())
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.dir.join(".s.PGSQL.5432")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let data = self.dir.join("data");
        let mut command = as_postgres(&self.programs.join(program));
        command.arg("-D").arg(&data).args(arguments).current_dir(&self.dir);
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().expect("the program runs");
        assert!(status.success(), "{program} {arguments:?}: {status}");
    }
}

/// Opens a connection to look behind the server's back.
pub async fn open(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("the database is up")
}

/// Position of the last event in the log.
pub async fn head(database: &str) -> i64 {
    let head = sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM events");
    head.fetch_one(&mut open(database).await).await.expect("the log is there")
}

/// Where PostgreSQL's programs are.
pub fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    let on_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    found
        .pop()
        .or_else(|| on_path.into_iter().find(|bin| bin.join("initdb").exists()))
        .expect("PostgreSQL is installed")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

fn own(dir: &Path) {
    if is_root() {
        shell(dir, "chown postgres .");
    }
}

fn shell(dir: &Path, script: &str) {
    let status = Command::new("sh").args(["-c", script]).current_dir(dir).status().expect("sh runs");
    assert!(status.success(), "{script}: {status}");
}

/// Waits for the end of this process on a pipe, then cleans up.
fn watchdog(dir: &Path, programs: &Path) -> Child {
    use std::os::unix::process::CommandExt;
    let run = if is_root() { "runuser -u postgres -- " } else { "" };
    let script = format!(
        "cat >/dev/null; {run}{}/pg_ctl -D {dir}/data -m immediate stop >/dev/null 2>&1; rm -rf {dir}",
        programs.display(),
        dir = dir.display()
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.current_dir("/").spawn().expect("sh runs")
}

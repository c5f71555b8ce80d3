//! The whole of it against the installed PostgreSQL, as root and as a normal user alike.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::account::Account;
use super::place::Place;
use super::programs::Programs;
use super::{EmbeddedError, EmbeddedPostgres, process, socket};

/// How long a test waits for what must happen.
const LIMIT: Duration = Duration::from_secs(60);

/// A directory of one test, gone at its end with the PostgreSQL in it.
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(format!("/tmp/synctv-test-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn data_dir(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Processes that work below the directory.
    fn processes(&self) -> Vec<String> {
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        let below = |path: &PathBuf| std::fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd.starts_with(&self.path));
        entries.map(|it| it.path()).filter(below).map(|it| it.file_name().unwrap().display().to_string()).collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let began = Instant::now();
        loop {
            let left = self.processes();
            if left.is_empty() {
                break;
            }
            let signal = if began.elapsed() < LIMIT { "-QUIT" } else { "-KILL" };
            kill(signal, &left);
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(std::fs::remove_dir_all(&self.path));
    }
}

/// Removes a directory that lies outside of the scratch directory.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn kill(signal: &str, pids: &[String]) {
    drop(Command::new("sh").args(["-c", r#"kill "$@" 2>/dev/null"#, "sh", signal]).args(pids).status());
}

/// The postmaster's id as its file tells.
fn pid_of(data_dir: &Path) -> u32 {
    let text = std::fs::read_to_string(data_dir.join("postgres/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

async fn query(url: &str, sql: &str) -> Output {
    let account = Account::current().await.unwrap();
    let psql = Programs::find(&account, Path::new("/nowhere")).await.unwrap().path("psql");
    let command =
        account.command(psql, Path::new("/")).args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, url]).output();
    command.await.unwrap()
}

async fn answer(url: &str, sql: &str) -> String {
    let output = query(url, sql).await;
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn the_data_survives_a_stop_and_a_start() {
    let scratch = Scratch::new();
    let data_dir = scratch.data_dir();
    assert_eq!(EmbeddedPostgres::find_running(&data_dir).await, None, "before the first start");
    let first = EmbeddedPostgres::start(&data_dir).await.unwrap();
    assert!(first.started_here());
    assert_eq!(EmbeddedPostgres::find_running(&data_dir).await.as_deref(), Some(first.url()));
    answer(first.url(), "CREATE TABLE kept AS SELECT 42 AS it").await;
    first.stop().await.unwrap();
    assert_eq!(EmbeddedPostgres::find_running(&data_dir).await, None, "after the stop");
    assert!(!query(first.url(), "SELECT 1").await.status.success(), "still answers after the stop");
    first.stop().await.unwrap();

    let second = EmbeddedPostgres::start(&data_dir).await.unwrap();
    assert!(second.started_here());
    assert_eq!(answer(second.url(), "SELECT it FROM kept").await, "42");
}

#[tokio::test]
async fn the_cluster_is_private_durable_and_checked() {
    let scratch = Scratch::new();
    let postgres = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap();
    for (setting, expected) in [
        ("listen_addresses", ""),
        ("port", "5432"),
        ("shared_buffers", "256MB"),
        ("max_wal_size", "4GB"),
        ("checkpoint_timeout", "15min"),
        ("max_connections", "100"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
    ] {
        assert_eq!(answer(postgres.url(), &format!("SHOW {setting}")).await, expected, "{setting}");
    }
    let locale = "SELECT datcollate || ' ' || datctype FROM pg_database WHERE datname = current_database()";
    assert_eq!(answer(postgres.url(), locale).await, "C.UTF-8 C.UTF-8");
    assert_eq!(answer(postgres.url(), "SELECT current_user || ' ' || current_database()").await, "synctv synctv");
    for name in ["run", "postgres"] {
        let mode = std::fs::metadata(scratch.data_dir().join(name)).unwrap().mode();
        assert_eq!(mode & 0o7777, 0o700, "{name}");
    }
}

#[tokio::test]
async fn a_postmaster_left_running_is_adopted() {
    let scratch = Scratch::new();
    let first = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap();
    let (pid, url) = (pid_of(&scratch.data_dir()), first.url().to_owned());
    drop(first);
    let second = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap();
    assert!(!second.started_here());
    assert_eq!((pid_of(&scratch.data_dir()), second.url()), (pid, url.as_str()));
    assert_eq!(answer(second.url(), "SELECT 1").await, "1");
    second.stop().await.unwrap();
    assert_eq!(scratch.processes(), [""; 0], "an adopted postmaster is not stopped");
}

#[tokio::test]
async fn the_postmaster_is_out_of_reach_of_a_ctrl_c() {
    let scratch = Scratch::new();
    let _postgres = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap();
    let group_and_session = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let (_, rest) = stat.rsplit_once(") ").unwrap();
        rest.split(' ').skip(2).take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let pid = pid_of(&scratch.data_dir());
    let (its, ours) = (group_and_session(pid), group_and_session(std::process::id()));
    assert!(its[0] != ours[0] && its[1] != ours[1], "group and session {its:?} are ours, {ours:?}");
}

#[tokio::test]
async fn a_killed_postmaster_is_started_again() {
    let scratch = Scratch::new();
    let data_dir = scratch.data_dir();
    let postgres = EmbeddedPostgres::start(&data_dir).await.unwrap();
    answer(postgres.url(), "CREATE TABLE kept AS SELECT 42 AS it").await;
    let revived = async {
        for round in 0..2 {
            let killed = pid_of(&data_dir);
            kill("-KILL", &[killed.to_string()]);
            let began = Instant::now();
            while pid_of_if_any(&data_dir).is_none_or(|pid| pid == killed)
                || EmbeddedPostgres::find_running(&data_dir).await.is_none()
            {
                assert!(began.elapsed() < LIMIT, "not started again in round {round}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    tokio::select! {
        () = postgres.supervise() => panic!("the supervision ended"),
        () = revived => {}
    }
    assert_eq!(answer(postgres.url(), "SELECT it FROM kept").await, "42");
}

fn pid_of_if_any(data_dir: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(data_dir.join("postgres/postmaster.pid")).ok()?;
    text.lines().next()?.parse().ok()
}

#[tokio::test]
async fn a_stopped_postmaster_stays_stopped_under_supervision() {
    let scratch = Scratch::new();
    let postgres = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap();
    postgres.stop().await.unwrap();
    let watched = tokio::time::timeout(Duration::from_secs(2), postgres.supervise()).await;
    assert!(watched.is_err(), "the supervision ended");
    assert_eq!(EmbeddedPostgres::find_running(&scratch.data_dir()).await, None);
}

#[tokio::test]
async fn a_long_and_odd_data_dir_gets_a_short_socket_path() {
    let scratch = Scratch::new();
    let data_dir = scratch.path().join(r#"it's "$HOME" `a`, b\c %2F é"#).join("long".repeat(30));
    let short = Removed(socket::directory(&data_dir));
    let postgres = EmbeddedPostgres::start(&data_dir).await.unwrap();
    assert!(short.0.starts_with("/tmp") && short.0.join(".s.PGSQL.5432").exists(), "{:?}", short.0);
    assert_eq!(std::fs::metadata(&short.0).unwrap().mode() & 0o7777, 0o700);
    assert_eq!(answer(postgres.url(), "SELECT 1").await, "1");
    assert!(data_dir.join("postgres.log").is_file(), "the log is elsewhere");
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn an_odd_but_short_data_dir_holds_the_socket_itself() {
    let scratch = Scratch::new();
    let data_dir = scratch.path().join(r#"it's "$HOME" `a` \b %2F é"#);
    let postgres = EmbeddedPostgres::start(&data_dir).await.unwrap();
    assert!(data_dir.join("run/.s.PGSQL.5432").exists());
    assert_eq!(answer(postgres.url(), "SELECT 1").await, "1");
}

#[tokio::test]
async fn a_half_made_cluster_is_replaced() {
    let scratch = Scratch::new();
    let half = scratch.data_dir().join("postgres.unfinished-0123456789abcdef");
    std::fs::create_dir_all(half.join("global")).unwrap();
    std::fs::write(half.join("PG_VERSION"), "15\n").unwrap();
    let postgres = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap();
    assert_eq!(answer(postgres.url(), "SELECT 1").await, "1");
    let mut left: Vec<_> = std::fs::read_dir(scratch.data_dir())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["postgres", "postgres.conf", "postgres.log", "run"]);
}

/// The whole start is cut off, wherever it is, by dropping it: children die with it as they would with the machine.
#[tokio::test]
async fn a_start_that_is_cut_off_anywhere_can_be_repeated() {
    let scratch = Scratch::new();
    for milliseconds in [5, 50, 150, 300, 500] {
        let cut = Duration::from_millis(milliseconds);
        let whole = tokio::time::timeout(cut, EmbeddedPostgres::start(&scratch.data_dir())).await;
        if let Ok(started) = whole {
            started.unwrap();
        }
    }
    let postgres = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap();
    assert_eq!(answer(postgres.url(), "SELECT 1").await, "1");
}

#[tokio::test]
async fn what_is_no_cluster_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    let note = scratch.data_dir().join("postgres/note");
    std::fs::create_dir_all(note.parent().unwrap()).unwrap();
    std::fs::write(&note, "mine").unwrap();
    let refused = EmbeddedPostgres::start(&scratch.data_dir()).await;
    assert!(matches!(refused, Err(EmbeddedError::NotACluster { .. })), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&note).unwrap(), "mine");
}

#[tokio::test]
async fn stale_locks_do_not_prevent_the_start() {
    let scratch = Scratch::new();
    let data_dir = scratch.data_dir();
    let account = Account::current().await.unwrap();
    EmbeddedPostgres::start(&data_dir).await.unwrap().stop().await.unwrap();
    let (pid_file, socket_lock) = (data_dir.join("postgres/postmaster.pid"), data_dir.join("run/.s.PGSQL.5432.lock"));
    // Of the same user, as it takes to fool PostgreSQL's own check.
    let mut reused = account.command("sleep", Path::new("/")).arg("600").kill_on_drop(true).spawn().unwrap();
    let reused_id = format!("{}\n{}\n1\n5432\n/x\n\n  1 1\nready   \n", reused.id().unwrap(), data_dir.display());
    for (text, stale) in ["", "nonsense\n", "2147483646\n", &reused_id]
        .into_iter()
        .flat_map(|text| [(text, &pid_file), (text, &socket_lock)])
    {
        std::fs::write(stale, text).unwrap();
        assert_eq!(EmbeddedPostgres::find_running(&data_dir).await, None, "{stale:?}: {text:?}");
        let started = EmbeddedPostgres::start(&data_dir).await;
        let postgres = started.unwrap_or_else(|error| panic!("{stale:?}: {text:?}: {error}"));
        assert_eq!(answer(postgres.url(), "SELECT 1").await, "1");
        postgres.stop().await.unwrap();
    }
    assert_eq!(reused.try_wait().unwrap(), None, "the other process was stopped");
}

#[tokio::test]
async fn a_cluster_of_another_version_names_what_to_install() {
    let scratch = Scratch::new();
    let cluster = scratch.data_dir().join("postgres");
    std::fs::create_dir_all(&cluster).unwrap();
    std::fs::write(cluster.join("PG_VERSION"), "9\n").unwrap();
    let refused = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap_err();
    assert!(refused.to_string().contains("install `postgresql-9`"), "{refused}");
}

#[tokio::test]
async fn a_failed_start_shows_the_end_of_the_log() {
    let scratch = Scratch::new();
    EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap().stop().await.unwrap();
    let conf = scratch.data_dir().join("postgres/postgresql.conf");
    let broken = std::fs::read_to_string(&conf).unwrap() + "no_such_setting = 1\n";
    std::fs::write(&conf, broken).unwrap();
    let refused = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap_err();
    assert!(matches!(refused, EmbeddedError::NotStarted { .. }), "{refused:?}");
    assert!(refused.to_string().contains("no_such_setting"), "{refused}");
}

/// A shell under the name `program` that waits in `dir` for as long as it is kept.
fn waiting(scratch: &Scratch, account: &Account, program: &str, argument: &str, dir: &Path) -> tokio::process::Child {
    let link = scratch.path().join(program);
    if !link.exists() {
        std::os::unix::fs::symlink("/bin/sh", &link).unwrap();
    }
    let mut command = account.command(link, dir);
    command.args(["-c", "read line; :", argument]).stdin(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
}

#[tokio::test]
async fn only_postgresql_and_its_start_count_as_users_of_the_cluster() {
    let scratch = Scratch::new();
    let account = Account::current().await.unwrap();
    let place = Place::prepare(&scratch.data_dir(), &account).await.unwrap();
    socket::prepare(&place.cluster, &account).unwrap();
    for (program, argument, dir, counts) in [
        ("bash", "start", &place.cluster, false),
        ("postgres", "", &place.cluster, true),
        ("pg_ctl", "start", &place.data_dir, true),
        ("pg_ctl", "status", &place.data_dir, false),
    ] {
        let mut child = waiting(&scratch, &account, program, argument, dir);
        let found = process::using(&place, &account).await.unwrap();
        let expected: Vec<u32> = child.id().into_iter().filter(|_| counts).collect();
        assert_eq!(found, expected, "{program} {argument} in {dir:?}");
        child.kill().await.unwrap();
    }
}

#[tokio::test]
async fn a_start_that_outlived_its_server_is_waited_for() {
    let scratch = Scratch::new();
    let account = Account::current().await.unwrap();
    EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap().stop().await.unwrap();
    let place = Place::existing(&scratch.data_dir()).unwrap();
    let pg_ctl = Programs::find(&account, &place.cluster).await.unwrap().path("pg_ctl");
    let mut command = account.command(pg_ctl, &place.data_dir);
    command.args(["start", "-s", "-w", "-l", "postgres.log"]).env("PGDATA", &place.cluster);
    let mut earlier = command.spawn().unwrap();
    let postgres = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap();
    assert!(!postgres.started_here(), "a second postmaster was started");
    assert!(earlier.wait().await.unwrap().success());
    assert_eq!(answer(postgres.url(), "SELECT 1").await, "1");
}

/// What only root does: run PostgreSQL as somebody else. A normal user has nothing to hand over.
async fn root_only() -> Option<Account> {
    let account = Account::current().await.unwrap();
    if account.switched_gid().is_none() {
        eprintln!("not root: nothing to test");
        return None;
    }
    Some(account)
}

#[tokio::test]
async fn a_parent_that_the_user_cannot_enter_is_named() {
    if root_only().await.is_none() {
        return;
    }
    let scratch = Scratch::new();
    let closed = scratch.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    let data_dir = closed.join("deeper/data");
    let refused = EmbeddedPostgres::start(&data_dir).await.unwrap_err();
    let EmbeddedError::Untraversable { parent, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!(parent, &closed);
    assert!(refused.to_string().contains("--data-dir"), "{refused}");
}

#[tokio::test]
async fn root_opens_the_data_dir_and_hands_over_what_postgresql_writes() {
    let Some(account) = root_only().await else {
        return;
    };
    let scratch = Scratch::new();
    let _postgres = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap();
    for (name, mode, uid) in [
        ("", 0o711, 0),
        ("postgres.conf", 0o644, 0),
        ("postgres.log", 0o600, account.uid),
        ("postgres", 0o700, account.uid),
        ("run", 0o700, account.uid),
    ] {
        let found = std::fs::metadata(scratch.data_dir().join(name)).unwrap();
        assert_eq!((found.mode() & 0o7777, found.uid()), (mode, uid), "{name:?}");
    }
}

#[tokio::test]
async fn a_cluster_brought_back_as_roots_is_handed_over_and_any_other_refused() {
    let Some(account) = root_only().await else {
        return;
    };
    let scratch = Scratch::new();
    let cluster = scratch.data_dir().join("postgres");
    EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap().stop().await.unwrap();
    let give_to = |uid: u32| {
        let status = Command::new("chown").args(["-R", &uid.to_string()]).arg(&cluster).status().unwrap();
        assert!(status.success());
    };
    give_to(account.uid + 1);
    let refused = EmbeddedPostgres::start(&scratch.data_dir()).await;
    assert!(matches!(refused, Err(EmbeddedError::NotOurs { .. })), "{refused:?}");
    give_to(0);
    let postgres = EmbeddedPostgres::start(&scratch.data_dir()).await.unwrap();
    assert_eq!(answer(postgres.url(), "SELECT 1").await, "1");
}

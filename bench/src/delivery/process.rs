//! A server under test: started, found, measured, stopped.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::cpu;
use crate::failure::Failure;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// What a node is started with.
pub struct Settings<'a> {
    pub database: &'a str,
    pub redis: Option<&'a str>,
    /// `127.0.0.1:port`; 0 for a free one.
    pub listen: &'a str,
    /// Variables besides.
    pub extra: &'a [(&'a str, &'a str)],
}

/// Killed and its directory removed with the value.
pub struct Process {
    child: Child,
    /// `127.0.0.1:port`
    pub host: String,
    /// Where its metrics are, if it has any.
    metrics: Option<String>,
    dir: Option<PathBuf>,
}

impl Process {
    /// The `synctv` beside this program, over a database.
    pub fn synctv(database: &str) -> Result<Self, Failure> {
        Self::serve(&Settings { database, redis: None, listen: "127.0.0.1:0", extra: &[] })
    }

    /// The same, perhaps one of several.
    pub fn serve(settings: &Settings<'_>) -> Result<Self, Failure> {
        let program = beside("synctv")?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("synctv-bench-data-{}-{number}", std::process::id()));
        let mut command = Command::new(&program);
        command.arg("serve").arg("--data-dir").arg(&dir);
        command.args(["--listen", settings.listen, "--log-format", "json"]).env("DATABASE_URL", settings.database);
        command.env_remove("REDIS_URL").envs(settings.redis.map(|url| ("REDIS_URL", url)));
        command.env("SYNCTV_METRICS_LISTEN", "127.0.0.1:0");
        // One address asks for thousands, and a few speak for all.
        command.env("SYNCTV_RATE_LIMITS", "off").envs(settings.extra.iter().copied());
        let mut metrics = None;
        let mut server = Self::start(command, Some(dir), |line| {
            let line: serde_json::Value = serde_json::from_str(line).ok()?;
            let (said, address) = (line["message"].as_str()?, line["address"].as_str().map(str::to_owned));
            if said.starts_with("metrics.ready") {
                metrics.clone_from(&address);
            }
            address.filter(|_| said.starts_with("server.ready"))
        })?;
        server.metrics = metrics;
        Ok(server)
    }

    /// The bare broadcaster of this program.
    pub fn peer() -> Result<Self, Failure> {
        let mut command = Command::new(beside("synctv-bench")?);
        command.arg("--broadcaster");
        Self::start(command, None, |line| line.strip_prefix("listening on ").map(str::to_owned))
    }

    /// The reader of the bare stream.
    pub fn stream_reader(redis: &str) -> Result<Self, Failure> {
        let mut command = Command::new(beside("synctv-bench")?);
        command.args(["--stream-reader", redis]);
        Self::start(command, None, |line| line.strip_prefix("listening on ").map(str::to_owned))
    }

    fn start(
        mut command: Command,
        dir: Option<PathBuf>,
        mut address: impl FnMut(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let failed = |source| Failure::File { path: PathBuf::from(command_name(&dir)), source };
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(failed)?;
        let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines().map_while(Result::ok);
        let mut said = String::new();
        let host = lines.by_ref().find_map(|line| {
            said.push_str(&line);
            said.push('\n');
            address(&line)
        });
        // What it says later has to go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        match host {
            Some(host) => Ok(Self { child, host, metrics: None, dir }),
            None => Err(Failure::Program { program: command_name(&dir).to_owned(), output: said }),
        }
    }

    /// Stops it as an operator does: what is under way is finished, everybody is told.
    pub async fn stop(self) -> Result<(), Failure> {
        tokio::task::spawn_blocking(move || self.end()).await?
    }

    fn end(mut self) -> Result<(), Failure> {
        let failed = |source| Failure::File { path: PathBuf::from("synctv"), source };
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().map_err(failed)?;
        let ended = self.child.wait().map_err(failed)?;
        if told.success() && ended.success() {
            return Ok(());
        }
        Err(Failure::Program { program: "synctv".to_owned(), output: format!("it ended with {ended}") })
    }

    /// The value of a series of its metrics.
    pub async fn metric(&self, series: &str) -> Result<f64, Failure> {
        let failed = |error: reqwest::Error| Failure::Delivery(error.to_string());
        let url = format!("http://{}/metrics", self.metrics.as_deref().unwrap_or_default());
        let text = reqwest::get(url).await.map_err(failed)?.text().await.map_err(failed)?;
        let value = text.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok());
        value.ok_or_else(|| Failure::Delivery(format!("{series} is not exported")))
    }

    pub fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// CPU time so far, s.
    pub fn cpu_s(&self) -> f64 {
        cpu::of_us(&self.pid()) / 1e6
    }

    /// Resident memory, KiB.
    pub fn memory_kib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse().unwrap_or(0.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(dir) = &self.dir {
            let _ = std::fs::remove_dir_all(dir);
        }
    }
}

fn command_name(dir: &Option<PathBuf>) -> &'static str {
    if dir.is_some() { "synctv" } else { "synctv-bench" }
}

/// A program of the same build.
pub fn beside(name: &str) -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().map_err(|source| Failure::File { path: name.into(), source })?;
    let program = own.parent().unwrap_or(Path::new(".")).join(name);
    if program.exists() { Ok(program) } else { Err(Failure::NoServer(program)) }
}

//! nginx with its RTMP module: one worker, in a directory of its own, gone at the end.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::failure::Failure;

const PROGRAM: &str = "/usr/sbin/nginx";
const MODULE: &str = "/usr/lib/nginx/modules/ngx_rtmp_module.so";
const PATIENCE: Duration = Duration::from_secs(10);

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Without segments, and with them.
pub const LIVE: &str = "live";
pub const HLS: &str = "hls";

pub struct Nginx {
    master: Child,
    worker: String,
    /// `127.0.0.1:port`
    pub rtmp: String,
    dir: PathBuf,
}

impl Nginx {
    pub async fn start() -> Result<Self, Failure> {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("synctv-bench-nginx-{}-{number}", std::process::id()));
        let file = |source| Failure::File { path: dir.clone(), source };
        fs::create_dir_all(dir.join("hls")).map_err(file)?;
        let rtmp = free_address().map_err(file)?;
        fs::write(dir.join("nginx.conf"), settings(&dir, &rtmp)).map_err(file)?;
        let mut command = Command::new(PROGRAM);
        command.arg("-c").arg(dir.join("nginx.conf")).arg("-p").arg(&dir).arg("-e").arg(dir.join("error.log"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let master = command.spawn().map_err(|_| Failure::NoNginx)?;
        let mut nginx = Self { master, worker: String::new(), rtmp, dir };
        let started = Instant::now();
        while nginx.worker.is_empty() || TcpStream::connect(&nginx.rtmp).is_err() {
            if started.elapsed() > PATIENCE {
                return Err(Failure::NoNginx);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            nginx.worker = nginx.child();
        }
        Ok(nginx)
    }

    /// The parent of all of it.
    pub fn master(&self) -> String {
        self.master.id().to_string()
    }

    /// The worker; there is one.
    pub fn worker(&self) -> &str {
        &self.worker
    }

    fn child(&self) -> String {
        let master = self.master.id();
        let children = fs::read_to_string(format!("/proc/{master}/task/{master}/children")).unwrap_or_default();
        children.split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// How many segments there are.
    pub fn segments(&self) -> usize {
        let files = fs::read_dir(self.dir.join("hls")).into_iter().flatten().flatten();
        files.filter(|file| file.path().extension().is_some_and(|kind| kind == "ts")).count()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Killed, it would leave its worker behind.
        let told = Command::new("kill").args(["-TERM", &self.master.id().to_string()]).status();
        if !told.is_ok_and(|status| status.success()) {
            let _ = self.master.kill();
        }
        let _ = self.master.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// One that nobody listens on.
pub fn free_address() -> std::io::Result<String> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.to_string())
}

fn settings(dir: &Path, rtmp: &str) -> String {
    use std::os::unix::fs::MetadataExt;
    let root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    // Only root may become somebody; the worker has to write where root made the directory.
    let user = if root { "user root;" } else { "" };
    let dir = dir.display();
    format!(
        "load_module {MODULE};
{user} worker_processes 1; daemon off; pid {dir}/pid;
error_log {dir}/error.log notice;
events {{ worker_connections 8192; }}
rtmp {{ access_log off; server {{ listen {rtmp}; chunk_size 4096; ping 30s;
  application {LIVE} {{ live on; wait_key on; wait_video off; interleave off; sync 10ms; drop_idle_publisher 10s; }}
  application {HLS} {{ live on; hls on; hls_path {dir}/hls; hls_fragment 2s; hls_playlist_length 12s; hls_cleanup on; }}
}} }}
"
    )
}

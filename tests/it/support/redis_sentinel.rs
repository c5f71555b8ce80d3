//! A private Redis with a replica, and the sentinels that watch over both.

use super::redis::Redis;
use super::server::TempDir;
use super::wait::eventually;

/// Whom the sentinels watch, by name.
pub const SERVICE: &str = "main";
const SENTINELS: usize = 3;
/// As whom the sentinels come to the servers.
const WATCHER: &str = "watcher";

/// Two servers; all killed with the value.
pub struct RedisSentinel {
    /// The first one is the master at the start.
    pub servers: [Redis; 2],
    sentinels: Vec<Redis>,
    _files: TempDir,
}

impl RedisSentinel {
    /// With a password of the servers, and another one of the sentinels.
    pub async fn start(password: &str, sentinels_password: &str) -> Self {
        let settings = ["--requirepass", password, "--masterauth", password];
        let watcher = ["--user", WATCHER, "on", ">watches", "~*", "&*", "+@all"];
        let settings = [&settings[..], &watcher].concat();
        let asking = ["-a", password];
        let master = Redis::with(&settings, &asking).await;
        let port = master.port();
        let follows = ["--replicaof", "127.0.0.1", &port];
        let replica = Redis::with(&[&settings[..], &follows].concat(), &asking).await;
        let linked = async || (replica.field(&["INFO"], "master_link_status") == "up").then_some(());
        eventually("a replica", linked).await;
        let (files, mut sentinels) = (TempDir::new(), Vec::new());
        for number in 0..SENTINELS {
            let file = files.path().join(format!("{number}.conf"));
            let text = format!(
                "sentinel monitor {SERVICE} 127.0.0.1 {port} 2\n\
                 sentinel auth-user {SERVICE} {WATCHER}\nsentinel auth-pass {SERVICE} watches\n\
                 sentinel down-after-milliseconds {SERVICE} 500\nsentinel failover-timeout {SERVICE} 3000\n\
                 sentinel sentinel-pass {sentinels_password}\n",
            );
            std::fs::write(&file, text).expect("the directory is ours");
            let settings = ["--requirepass", sentinels_password];
            sentinels.push(Redis::sentinel(&file, &settings, &["-a", sentinels_password]).await);
        }
        let this = Self { servers: [master, replica], sentinels, _files: files };
        eventually("the sentinels", async || this.sentinels.iter().all(knows_all).then_some(())).await;
        this
    }

    /// `host:port,…` of the sentinels.
    pub fn hosts(&self) -> String {
        self.sentinels.iter().map(Redis::host).collect::<Vec<_>>().join(",")
    }

    /// From here on no sentinel reaches this server.
    pub fn hide(&self, server: usize) {
        assert_eq!(self.servers[server].say(&["ACL", "DELUSER", WATCHER]), "1");
    }

    /// One sentinel fewer.
    pub fn kill_sentinel(&mut self) {
        self.sentinels.remove(0);
    }
}

fn knows_all(sentinel: &Redis) -> bool {
    let info = sentinel.say(&["INFO", "sentinel"]);
    info.contains("status=ok") && info.contains("slaves=1") && info.contains(&format!("sentinels={SENTINELS}"))
}

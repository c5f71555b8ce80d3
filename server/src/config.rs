//! Configuration: parsed, then merged, then validated.

mod cluster;
mod live;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use synctv_edge::Trusted;
use synctv_http::Origins;
use synctv_redis::{Certificates, Redis, Unusable};

pub(crate) use self::cluster::ClusterConfig;
pub(crate) use self::live::{Hls, LiveConfig};

/// How logs look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    #[default]
    Text,
}

/// Whether members are held to limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateLimits {
    /// As `runbooks/limits.md` lists them.
    #[default]
    On,
    /// For tests.
    Off,
}

/// Every setting: a flag, a variable, and a key of the `--config` file under the flag's name with underscores.
#[derive(Args, Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// Where this node keeps its files: the embedded PostgreSQL, the operator's token, what it has seen of the log.
    /// [default: /var/lib/synctv for root, else ~/.local/share/synctv]
    #[arg(long, env = "SYNCTV_DATA_DIR", value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// Address of HTTP. [default: 127.0.0.1:8080]
    #[arg(long, env = "SYNCTV_LISTEN", value_name = "ADDR:PORT", global = true)]
    pub listen: Option<SocketAddr>,
    /// Address of metrics (`GET /metrics`, for Prometheus). [default: off]
    #[arg(long, env = "SYNCTV_METRICS_LISTEN", value_name = "ADDR:PORT", global = true)]
    pub metrics_listen: Option<SocketAddr>,
    /// Address of the management (`synctv status`, `synctv stop`) for other machines of a trusted network: the operator's token
    /// is needed, and goes over it in clear. [default: off; there is always <DATA_DIR>/synctv.sock]
    #[arg(long, env = "SYNCTV_MANAGEMENT_LISTEN", value_name = "ADDR:PORT", global = true)]
    pub management_listen: Option<SocketAddr>,
    /// An existing PostgreSQL to use instead of the embedded one.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// Redis through which nodes hear of events at once, count limits together, and tell each other who is connected:
    /// redis://[user:password@]host[:port][/database], redis+cluster://…@host,host,… or redis+sentinel://…@host,host,…/service;
    /// rediss for TLS. [default: nodes look at the database every 100 ms, and each counts, and knows its members, by itself]
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub redis_url: Option<String>,
    /// File of who signs the certificates of Redis. [default: whom the system trusts]
    #[arg(long, env = "SYNCTV_REDIS_CA", value_name = "FILE", global = true)]
    pub redis_ca: Option<PathBuf>,
    /// File of the certificate that this node shows to Redis. [default: none]
    #[arg(long, env = "SYNCTV_REDIS_CERT", value_name = "FILE", global = true)]
    pub redis_cert: Option<PathBuf>,
    /// File of its private key.
    #[arg(long, env = "SYNCTV_REDIS_KEY", value_name = "FILE", global = true)]
    pub redis_key: Option<PathBuf>,
    /// What all keys in Redis begin with. [default: synctv]
    #[arg(long, env = "SYNCTV_REDIS_PREFIX", value_name = "TEXT", global = true)]
    pub redis_prefix: Option<String>,
    /// Seconds of events that Redis keeps for nodes that were away for a moment. [default: 30]
    #[arg(long, env = "SYNCTV_CATCHUP_WINDOW_SECS", value_name = "N", global = true)]
    pub catchup_window_secs: Option<u32>,
    /// Address for the other nodes of the same log. [default: off; this node speaks to no other]
    #[arg(long, env = "SYNCTV_CLUSTER_LISTEN", value_name = "ADDR:PORT", global = true)]
    pub cluster_listen: Option<SocketAddr>,
    /// What nodes know each other by, 32 characters or more, the same on all. [default: made once, kept in the database]
    #[arg(long, env = "SYNCTV_CLUSTER_SECRET", value_name = "TEXT", hide_env_values = true, global = true)]
    pub cluster_secret: Option<String>,
    /// Name or address by which other nodes reach this one, at the port of --cluster-listen. [default: the address of
    /// --cluster-listen, or the one that this machine has towards others]
    #[arg(long, env = "SYNCTV_ADVERTISE_HOST", value_name = "HOST", global = true)]
    pub advertise_host: Option<String>,
    /// Name of this node, another one for each. [default: a new one with each start]
    #[arg(long, env = "SYNCTV_NODE_ID", value_name = "NAME", global = true)]
    pub node_id: Option<String>,
    /// Some of the other nodes, with commas between: they tell of the rest. [default: none]
    #[arg(long, env = "SYNCTV_CLUSTER_PEERS", value_name = "HOST:PORT,…", global = true)]
    pub cluster_peers: Option<String>,
    /// A name whose addresses are the nodes, asked for every few seconds. [default: none]
    #[arg(long, env = "SYNCTV_CLUSTER_DNS", value_name = "NAME:PORT", global = true)]
    pub cluster_dns: Option<String>,
    /// Certificate of this node, PEM; with the two below, nodes speak TLS to each other. [default: none]
    #[arg(long, env = "SYNCTV_CLUSTER_TLS_CERT", value_name = "FILE", global = true)]
    pub cluster_tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long, env = "SYNCTV_CLUSTER_TLS_KEY", value_name = "FILE", global = true)]
    pub cluster_tls_key: Option<PathBuf>,
    /// The authority of the cluster's own that signed the certificates of all nodes, PEM.
    #[arg(long, env = "SYNCTV_CLUSTER_TLS_CA", value_name = "FILE", global = true)]
    pub cluster_tls_ca: Option<PathBuf>,
    /// Address of RTMP, where encoders publish live streams. [default: off; `make run` uses 127.0.0.1:1935]
    #[arg(long, env = "SYNCTV_RTMP_LISTEN", value_name = "ADDR:PORT", global = true)]
    pub rtmp_listen: Option<SocketAddr>,
    /// What encoders are told as the server's address, where they reach it by another one: rtmp://host[:port]/live, or rtmps.
    /// [default: the host that the page was asked at, with the port of --rtmp-listen]
    #[arg(long, env = "SYNCTV_RTMP_URL", value_name = "URL", global = true)]
    pub rtmp_url: Option<String>,
    /// Certificate for RTMPS, PEM: with it and its key, encoders may speak TLS at the same port. [default: none]
    #[arg(long, env = "SYNCTV_RTMP_TLS_CERT", value_name = "FILE", global = true)]
    pub rtmp_tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long, env = "SYNCTV_RTMP_TLS_KEY", value_name = "FILE", global = true)]
    pub rtmp_tls_key: Option<PathBuf>,
    /// Where segments of live streams are kept, the same for all nodes: memory, file:/path, or s3://bucket/prefix with the
    /// variables of AWS (AWS_ENDPOINT_URL for other servers). [default: file:<DATA_DIR>/live]
    #[arg(long, env = "SYNCTV_LIVE_STORE", value_name = "URL", hide_env_values = true, global = true)]
    pub live_store: Option<String>,
    /// Whether live streams are cut into segments for HLS. [default: on]
    #[arg(long, env = "SYNCTV_LIVE_HLS", value_name = "ON|OFF", global = true)]
    pub live_hls: Option<Hls>,
    /// Milliseconds after which a publisher of a live stream is read again: more costs less, and is that much later. [default: 20]
    #[arg(long, env = "SYNCTV_LIVE_MERGE_MS", value_name = "N", global = true)]
    pub live_merge_ms: Option<u64>,
    /// What is read of a publisher at most, Mbit/s; who sends more is held up. 64 unless set.
    #[arg(long, env = "SYNCTV_LIVE_MBITS", value_name = "N", global = true)]
    pub live_mbits: Option<u64>,
    /// Networks of proxies whose word is taken about whom they speak for, with commas between. [default: none]
    #[arg(long, env = "SYNCTV_TRUSTED_PROXIES", value_name = "CIDR,…", global = true)]
    pub trusted_proxies: Option<String>,
    /// Origins of other sites whose pages may use this server, with commas between; * for all. [default: none]
    #[arg(long, env = "SYNCTV_CORS_ORIGINS", value_name = "ORIGIN,…", global = true)]
    pub cors_origins: Option<String>,
    /// Connections that the server holds at most, sockets apart; the next ones wait until one ends. [default: 10000]
    #[arg(long, env = "SYNCTV_CONNECTIONS", value_name = "N", global = true)]
    pub connections: Option<u32>,
    /// Connections that a client's address holds at most, and so many sockets and streams. [default: 512]
    #[arg(long, env = "SYNCTV_CONNECTIONS_PER_ADDRESS", value_name = "N", global = true)]
    pub connections_per_address: Option<u32>,
    /// Key that signs access tokens, 32 characters or more, the same on all nodes. [default: made once, kept in the database]
    #[arg(long, env = "SYNCTV_JWT_SECRET", value_name = "TEXT", hide_env_values = true, global = true)]
    pub jwt_secret: Option<String>,
    /// Key that wraps the keys of personal data, 32 characters or more, the same on all nodes. Losing it erases what people
    /// said. [default: made once, kept in the database]
    #[arg(long, env = "SYNCTV_CREDENTIAL_KEY", value_name = "TEXT", hide_env_values = true, global = true)]
    pub credential_key: Option<String>,
    /// Seconds that a stopping server gives to what is under way. [default: 10]
    #[arg(long, env = "SYNCTV_DRAIN_SECS", value_name = "N", global = true)]
    pub drain_secs: Option<u64>,
    /// Seconds between the moment at which a stopping server is not ready any more (`/readyz`, gRPC health) and the moment at
    /// which it takes no more connections: so long may load balancers take to notice. [default: 0]
    #[arg(long, env = "SYNCTV_DRAIN_LEAD_SECS", value_name = "N", global = true)]
    pub drain_lead_secs: Option<u64>,
    /// Milliseconds that a command may take before its caller is told so. [default: 10000]
    #[arg(long, env = "SYNCTV_COMMAND_TIMEOUT_MS", value_name = "N", global = true)]
    pub command_timeout_ms: Option<u64>,
    /// Seconds that a guest's token is good for; it can be renewed until then. [default: 43200]
    #[arg(long, env = "SYNCTV_GUEST_TOKEN_SECS", value_name = "N", global = true)]
    pub guest_token_secs: Option<u32>,
    /// Whether it is limited how often somebody may ask, and how many connections they hold. [default: on]
    #[arg(long, env = "SYNCTV_RATE_LIMITS", value_name = "ON|OFF", global = true)]
    pub rate_limits: Option<RateLimits>,
    /// How logs look. [default: text]
    #[arg(long, env = "SYNCTV_LOG_FORMAT", value_name = "FORMAT", global = true)]
    pub log_format: Option<LogFormat>,
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) data_dir: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) management_listen: Option<SocketAddr>,
    pub(crate) database_url: Option<String>,
    pub(crate) redis_url: Option<String>,
    pub(crate) redis_certificates: Certificates,
    pub(crate) redis_prefix: String,
    pub(crate) catchup_window_secs: u32,
    pub(crate) cluster: ClusterConfig,
    pub(crate) live: LiveConfig,
    pub(crate) trusted_proxies: Trusted,
    pub(crate) cors_origins: Origins,
    pub(crate) connections: u32,
    pub(crate) connections_per_address: u32,
    pub(crate) jwt_secret: Option<String>,
    pub(crate) credential_key: Option<String>,
    pub(crate) drain_secs: u64,
    pub(crate) drain_lead_secs: u64,
    pub(crate) command_timeout_ms: u64,
    pub(crate) guest_token_secs: u32,
    pub(crate) rate_limits: RateLimits,
    pub(crate) log_format: LogFormat,
}

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {reason}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why; names the line and the key.
        reason: String,
    },
    /// A value cannot be used.
    #[error("{setting}: {reason}")]
    Invalid {
        /// Which setting.
        setting: &'static str,
        /// Why.
        reason: String,
    },
}

impl Given {
    /// Flags and variables win over the file, the file over the defaults.
    ///
    /// # Errors
    /// When the file cannot be read, or a value cannot be used.
    pub fn resolve(self, file: Option<&Path>) -> Result<Config, ConfigError> {
        let file = file.map_or_else(|| Ok(Self::default()), Self::read)?;
        let cluster = cluster::resolve(&self, &file)?;
        let live = live::resolve(&self, &file)?;
        let config = Config {
            data_dir: self.data_dir.or(file.data_dir).map_or_else(default_data_dir, Ok)?,
            listen: self.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            metrics_listen: self.metrics_listen.or(file.metrics_listen),
            management_listen: self.management_listen.or(file.management_listen),
            database_url: self.database_url.or(file.database_url).filter(|url| !url.is_empty()),
            redis_url: self.redis_url.or(file.redis_url).filter(|url| !url.is_empty()),
            redis_certificates: Certificates {
                ca: self.redis_ca.or(file.redis_ca),
                certificate: self.redis_cert.or(file.redis_cert),
                key: self.redis_key.or(file.redis_key),
            },
            redis_prefix: self.redis_prefix.or(file.redis_prefix).unwrap_or_else(|| "synctv".to_owned()),
            catchup_window_secs: self.catchup_window_secs.or(file.catchup_window_secs).unwrap_or(30),
            cluster,
            live,
            trusted_proxies: read("trusted_proxies", self.trusted_proxies.or(file.trusted_proxies))?,
            cors_origins: read("cors_origins", self.cors_origins.or(file.cors_origins))?,
            connections: self.connections.or(file.connections).unwrap_or(10_000),
            connections_per_address: self.connections_per_address.or(file.connections_per_address).unwrap_or(512),
            jwt_secret: self.jwt_secret.or(file.jwt_secret),
            credential_key: self.credential_key.or(file.credential_key),
            drain_secs: self.drain_secs.or(file.drain_secs).unwrap_or(10),
            drain_lead_secs: self.drain_lead_secs.or(file.drain_lead_secs).unwrap_or(0),
            command_timeout_ms: self.command_timeout_ms.or(file.command_timeout_ms).unwrap_or(10_000),
            guest_token_secs: self.guest_token_secs.or(file.guest_token_secs).unwrap_or(12 * 3600),
            rate_limits: self.rate_limits.or(file.rate_limits).unwrap_or_default(),
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
        };
        config.validate()?;
        Ok(config)
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let failed = |reason: String| ConfigError::File { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        toml::from_str(&text).map_err(|error| failed(error.to_string()))
    }
}

impl Config {
    fn validate(&self) -> Result<(), ConfigError> {
        let invalid = |setting, reason: &str| Err(ConfigError::Invalid { setting, reason: reason.to_owned() });
        for (setting, secret) in [("jwt_secret", &self.jwt_secret), ("credential_key", &self.credential_key)] {
            if secret.as_ref().is_some_and(|secret| secret.len() < 32) {
                return invalid(setting, "needs 32 characters or more");
            }
        }
        if let Some(url) = &self.database_url
            && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
        {
            return invalid("database_url", "has to start with postgres://");
        }
        if let Err(error) = self.redis() {
            return invalid(error.setting, &error.reason);
        }
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.:".contains(letter);
        if self.redis_prefix.is_empty() || !self.redis_prefix.chars().all(plain) {
            return invalid("redis_prefix", "has to be letters, digits and -_.:");
        }
        if !(1..=86_400).contains(&self.catchup_window_secs) {
            return invalid("catchup_window_secs", "has to be between 1 and 86400");
        }
        if !(1..=1_000_000).contains(&self.connections) {
            return invalid("connections", "has to be between 1 and 1000000");
        }
        if self.connections_per_address == 0 {
            return invalid("connections_per_address", "has to be 1 or more");
        }
        if !(100..=120_000).contains(&self.command_timeout_ms) {
            return invalid("command_timeout_ms", "has to be between 100 and 120000");
        }
        if !(1..=366 * 86_400).contains(&self.guest_token_secs) {
            return invalid("guest_token_secs", "has to be between 1 and 31622400");
        }
        Ok(())
    }

    /// Not yet connected; None when there is none.
    pub(crate) fn redis(&self) -> Result<Option<Redis>, Unusable> {
        let url = self.redis_url.as_deref();
        url.map(|url| Redis::with(url, &self.redis_prefix, &self.redis_certificates)).transpose()
    }

    /// For people: secrets are hidden.
    #[must_use]
    pub fn redacted(&self) -> Given {
        let hidden = |secret: &Option<String>| secret.as_ref().map(|_| "***".to_owned());
        Given {
            data_dir: Some(self.data_dir.clone()),
            listen: Some(self.listen),
            metrics_listen: self.metrics_listen,
            management_listen: self.management_listen,
            database_url: hidden(&self.database_url),
            redis_url: hidden(&self.redis_url),
            redis_ca: self.redis_certificates.ca.clone(),
            redis_cert: self.redis_certificates.certificate.clone(),
            redis_key: self.redis_certificates.key.clone(),
            redis_prefix: Some(self.redis_prefix.clone()),
            catchup_window_secs: Some(self.catchup_window_secs),
            trusted_proxies: Some(self.trusted_proxies.to_string()),
            cors_origins: Some(self.cors_origins.to_string()),
            connections: Some(self.connections),
            connections_per_address: Some(self.connections_per_address),
            jwt_secret: hidden(&self.jwt_secret),
            credential_key: hidden(&self.credential_key),
            drain_secs: Some(self.drain_secs),
            drain_lead_secs: Some(self.drain_lead_secs),
            command_timeout_ms: Some(self.command_timeout_ms),
            guest_token_secs: Some(self.guest_token_secs),
            rate_limits: Some(self.rate_limits),
            log_format: Some(self.log_format),
            ..self.live.redacted(self.cluster.redacted())
        }
    }
}

/// Nothing is read as what goes without saying.
fn read<T: FromStr<Err = String>>(setting: &'static str, text: Option<String>) -> Result<T, ConfigError> {
    text.unwrap_or_default().parse().map_err(|reason| ConfigError::Invalid { setting, reason })
}

fn default_data_dir() -> Result<PathBuf, ConfigError> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    if home.as_deref() == Some(Path::new("/root")) {
        return Ok("/var/lib/synctv".into());
    }
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or(home.map(|home| home.join(".local/share")));
    base.map(|base| base.join("synctv")).ok_or_else(|| ConfigError::Invalid {
        setting: "data_dir",
        reason: "has to be given, because HOME is not set".to_owned(),
    })
}

#[cfg(test)]
mod tests;

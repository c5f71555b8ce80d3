//! The server of this directory, and its ports.

use std::net::SocketAddr;
use std::time::Duration;

use synctv_grpc::management::{ClientError, Status};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::check::Checks;
use crate::cli::manage;
use crate::config::Config;

const SERVER: &str = "server";
const PORTS: &str = "ports";
const PATIENCE: Duration = Duration::from_secs(3);

/// How it is, if one runs and tells.
pub(super) async fn look(config: &Config, checks: &mut Checks) -> Option<Status> {
    match manage::local(config).await {
        Ok(status) => {
            told(&status, checks);
            served(&status, checks).await;
            Some(status)
        }
        Err(ClientError::Unreached(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            let says = format!("the server of {} runs as another user", config.data_dir.display());
            checks.warning(SERVER, says, "run this as that user, or as root");
            None
        }
        Err(ClientError::Unreached(_)) => {
            let says =
                format!("none runs with {}: what only a server knows is not looked at", config.data_dir.display());
            checks.warning(SERVER, says, "start it with `synctv serve`, or name the directory that it has");
            free(config, checks).await;
            None
        }
        Err(error) => {
            checks.wrong(SERVER, format!("one runs, and tells nothing: {error}"), "look at its log, and restart it");
            None
        }
    }
}

fn told(status: &Status, checks: &mut Checks) {
    let who = format!("process {}, version {}", status.pid, status.version);
    match &*status.not_ready {
        "" => checks.ok(SERVER, format!("{who}, is ready")),
        why @ ("starting" | "draining") => checks.warning(SERVER, format!("{who}, is {why}"), "ask again in a moment"),
        "log_rewound" => checks.wrong(
            SERVER,
            format!("{who}, is not ready: the database holds an older log than it has seen"),
            "if a backup was restored: `synctv log restored`; runbooks/restore.md",
        ),
        why => checks.wrong(SERVER, format!("{who}, is not ready: {why}"), "see PostgreSQL below"),
    }
}

/// Whether what it serves can be connected to.
async fn served(status: &Status, checks: &mut Checks) {
    let Ok(mut address) = status.http_address.parse::<SocketAddr>() else { return };
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { [0, 0, 0, 0, 0, 0, 0, 1].into() });
    }
    match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(_)) => checks.ok(PORTS, format!("HTTP is at {address}")),
        Ok(Err(error)) => checks.wrong(PORTS, format!("nobody connects to HTTP at {address}: {error}"), "restart it"),
        Err(_) => checks.wrong(PORTS, format!("HTTP at {address} does not answer"), "look at the load of the machine"),
    }
}

/// Whether a server could have the ports that are set.
async fn free(config: &Config, checks: &mut Checks) {
    let ports = [
        ("--listen", Some(config.listen)),
        ("--metrics-listen", config.metrics_listen),
        ("--management-listen", config.management_listen),
        ("--cluster-listen", config.cluster.listen),
        ("--rtmp-listen", config.live.listen),
    ];
    for (setting, address) in ports.into_iter().filter_map(|(setting, address)| Some((setting, address?))) {
        match TcpListener::bind(address).await {
            Ok(_) => checks.ok(PORTS, format!("{address} of {setting} is free")),
            Err(error) => checks.wrong(
                PORTS,
                format!("{address} of {setting} cannot be had: {error}"),
                "stop what has it (`ss -ltnp`), or choose another one",
            ),
        }
    }
}

//! The settings of a node among others.

use std::net::SocketAddr;

use synctv_grpc::cluster::TlsFiles;

use super::{ConfigError, Given};

/// In force.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClusterConfig {
    /// None: this node speaks to no other.
    pub(crate) listen: Option<SocketAddr>,
    /// None: the one that is kept in the database.
    pub(crate) secret: Option<String>,
    pub(crate) advertise_host: Option<String>,
    /// None: another name with each start.
    pub(crate) node_id: Option<String>,
    /// `host:port` each.
    pub(crate) peers: Vec<String>,
    /// `name:port`.
    pub(crate) dns: Option<String>,
    pub(crate) tls: Option<TlsFiles>,
}

pub(super) fn resolve(given: &Given, file: &Given) -> Result<ClusterConfig, ConfigError> {
    let text = |one: &Option<String>, other: &Option<String>| {
        let text = one.as_ref().or(other.as_ref());
        text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let peers = text(&given.cluster_peers, &file.cluster_peers).unwrap_or_default();
    let peers = peers.split(',').map(str::trim).filter(|peer| !peer.is_empty()).map(str::to_owned);
    let config = ClusterConfig {
        listen: given.cluster_listen.or(file.cluster_listen),
        secret: text(&given.cluster_secret, &file.cluster_secret),
        advertise_host: text(&given.advertise_host, &file.advertise_host),
        node_id: text(&given.node_id, &file.node_id),
        peers: peers.collect(),
        dns: text(&given.cluster_dns, &file.cluster_dns),
        tls: tls(given, file)?,
    };
    config.validate()?;
    Ok(config)
}

fn tls(given: &Given, file: &Given) -> Result<Option<TlsFiles>, ConfigError> {
    let cert = given.cluster_tls_cert.clone().or(file.cluster_tls_cert.clone());
    let key = given.cluster_tls_key.clone().or(file.cluster_tls_key.clone());
    let ca = given.cluster_tls_ca.clone().or(file.cluster_tls_ca.clone());
    match (cert, key, ca) {
        (None, None, None) => Ok(None),
        (Some(cert), Some(key), Some(ca)) => Ok(Some(TlsFiles { cert, key, ca })),
        _ => invalid("cluster_tls_cert", "cluster_tls_cert, cluster_tls_key and cluster_tls_ca go together"),
    }
}

impl ClusterConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        if self.secret.as_ref().is_some_and(|secret| secret.len() < 32) {
            return invalid("cluster_secret", "needs 32 characters or more");
        }
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if self.node_id.as_ref().is_some_and(|id| id.len() > 64 || !id.chars().all(plain)) {
            return invalid("node_id", "has to be letters, digits and -_., 64 at most");
        }
        if let Some(host) = self.advertise_host.as_deref().filter(|host| !is_host(host)) {
            return invalid("advertise_host", &format!("{host:?} is not a name or an address without a port"));
        }
        if let Some(peer) = self.peers.iter().find(|peer| !is_address(peer)) {
            return invalid("cluster_peers", &format!("{peer:?} is not HOST:PORT"));
        }
        if let Some(name) = self.dns.as_deref().filter(|name| !is_address(name)) {
            return invalid("cluster_dns", &format!("{name:?} is not NAME:PORT"));
        }
        Ok(())
    }

    /// For people: the secret is hidden.
    pub(super) fn redacted(&self) -> Given {
        let tls = self.tls.clone();
        Given {
            cluster_listen: self.listen,
            cluster_secret: self.secret.as_ref().map(|_| "***".to_owned()),
            advertise_host: self.advertise_host.clone(),
            node_id: self.node_id.clone(),
            cluster_peers: (!self.peers.is_empty()).then(|| self.peers.join(",")),
            cluster_dns: self.dns.clone(),
            cluster_tls_cert: tls.as_ref().map(|tls| tls.cert.clone()),
            cluster_tls_key: tls.as_ref().map(|tls| tls.key.clone()),
            cluster_tls_ca: tls.map(|tls| tls.ca),
            ..Given::default()
        }
    }
}

fn invalid<T>(setting: &'static str, reason: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Invalid { setting, reason: reason.to_owned() })
}

/// `host:port`; an address of IPv6 has brackets.
fn is_address(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        port.parse::<u16>().is_ok_and(|port| port > 0)
            && bare.map_or(!host.contains(':'), |bare| bare.contains(':'))
            && is_host(bare.unwrap_or(host))
    })
}

fn is_host(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.:".contains(letter);
    !text.is_empty()
        && text.len() <= 253
        && text.chars().all(plain)
        && (!text.contains(':') || text.parse::<std::net::Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for (text, wanted) in [
            ("10.0.0.3:7946", true),
            ("node-1.synctv.svc.cluster.local:7946", true),
            ("[::1]:7946", true),
            ("::1:7946", false),
            ("node-1", false),
            (":7946", false),
            ("node-1:0", false),
            ("http://node-1:7946", false),
            ("[node]:7946", false),
        ] {
            assert_eq!(is_address(text), wanted, "{text}");
        }
        assert!(is_host("::1") && is_host("node-1") && !is_host("node-1:7946"));
    }
}

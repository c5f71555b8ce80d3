//! Where other nodes reach this one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// `host:port`, of the setting, of the listener, or of this machine.
pub(crate) fn advertised(host: Option<&str>, listens: SocketAddr) -> String {
    let host = match host {
        Some(host) => host.to_owned(),
        None if listens.ip().is_unspecified() => outward().to_string(),
        None => listens.ip().to_string(),
    };
    let port = listens.port();
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The address that this machine has towards others; nothing is sent to find it out.
fn outward() -> IpAddr {
    // An address for documentation: whoever is the way out would be the way to it.
    let asked = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    asked.map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_wins_and_an_address_is_written_as_one() {
        let at = |text: &str| text.parse().expect("an address");
        assert_eq!(advertised(Some("node-1"), at("0.0.0.0:7946")), "node-1:7946");
        assert_eq!(advertised(Some("::1"), at("[::]:7946")), "[::1]:7946");
        assert_eq!(advertised(None, at("10.0.0.3:7946")), "10.0.0.3:7946");
        assert_eq!(advertised(None, at("[::1]:7946")), "[::1]:7946");
        assert!(!advertised(None, at("0.0.0.0:7946")).starts_with("0.0.0.0"));
    }
}

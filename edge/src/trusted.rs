//! Proxies whose word about a client is taken.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// Networks of proxies. Shown and read as CIDRs with commas between; an address alone is a network of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trusted(Vec<IpNet>);

impl Trusted {
    /// Whether somebody at this address is one of them.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Trusted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| {
            let alone = || part.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical()));
            part.parse::<IpNet>()
                .ok()
                .or_else(alone)
                .ok_or_else(|| format!("{part:?} is not a network such as 10.0.0.0/8"))
        };
        parts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self.0.iter().map(IpNet::to_string).collect();
        f.write_str(&shown.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_single_addresses_are_read() {
        let trusted: Trusted = " 10.0.0.0/8, 2001:db8::/32,192.0.2.1,".parse().expect("networks");
        assert_eq!(trusted.to_string(), "10.0.0.0/8,2001:db8::/32,192.0.2.1/32");
        for (address, held) in [
            ("10.255.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("11.0.0.1", false),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
            ("192.0.2.1", true),
            ("192.0.2.2", false),
        ] {
            assert_eq!(trusted.holds(address.parse().expect("an address")), held, "{address}");
        }
        assert!("".parse::<Trusted>().expect("none").is_empty());
        for wrong in ["10.0.0.0/33", "10.0.0", "example.com", "10.0.0.1 10.0.0.2"] {
            assert!(wrong.parse::<Trusted>().is_err(), "{wrong}");
        }
    }
}

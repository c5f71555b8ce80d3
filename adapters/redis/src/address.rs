//! What the setting `REDIS_URL` says.

use std::sync::Arc;

use redis::{ConnectionAddr, ConnectionInfo, RedisConnectionInfo, TlsCertificates};

use crate::cluster::Cluster;
use crate::kind::Kind;
use crate::sentinels::Sentinels;
use crate::unusable::Unusable;
use crate::way::{Host, Way};

const SETTING: &str = "redis_url";
const PORT: u16 = 6379;
const SENTINELS_PORT: u16 = 26379;

/// Its parts, as they are written.
struct Parts<'a> {
    tls: bool,
    kind: &'a str,
    who: &'a str,
    hosts: Vec<&'a str>,
    path: &'a str,
    query: &'a str,
}

/// What is at this address; `certificates` are used when it asks for TLS.
///
/// # Errors
/// When it is none, or names something that its kind does not have. Never tells what the address is.
pub(crate) fn read(url: &str, certificates: Option<TlsCertificates>) -> Result<Kind, Unusable> {
    let parts = Parts::of(url)?;
    if certificates.is_some() && !parts.tls {
        return wrong("certificates are for rediss:// only");
    }
    let tls = parts.tls.then(|| certificates.unwrap_or(TlsCertificates { client_tls: None, root_cert: None }));
    let who = credentials(parts.who)?;
    if !parts.query.is_empty() && parts.kind != "sentinel" {
        return wrong("nothing goes behind a ? but sentinel_user and sentinel_password of redis+sentinel://");
    }
    match parts.kind {
        "" => {
            let [host] = &parts.hosts(PORT)?[..] else {
                return wrong("several hosts belong to redis+cluster:// or redis+sentinel://");
            };
            Ok(Kind::Server(Way { who: who.set_db(database(parts.path)?), tls }, host.clone()))
        }
        "cluster" if database(parts.path)? != 0 => wrong("a cluster has no databases"),
        "cluster" => {
            let cluster = Cluster::new(Way { who, tls }, parts.hosts(PORT)?).map_err(|_| none())?;
            Ok(Kind::Cluster(Arc::new(cluster)))
        }
        _ => {
            let (service, path) = parts.path.split_once('/').unwrap_or((parts.path, ""));
            if service.is_empty() {
                return wrong("redis+sentinel:// ends with /, and the name under which sentinels know the master");
            }
            Ok(Kind::Sentinels(Sentinels {
                way: Way { who: who.set_db(database(path)?), tls: tls.clone() },
                to_sentinels: Way { who: sentinels(parts.query)?, tls },
                sentinels: parts.hosts(SENTINELS_PORT)?,
                service: service.to_owned(),
            }))
        }
    }
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Result<Self, Unusable> {
        let (scheme, rest) = url.split_once("://").ok_or_else(none)?;
        let (protocol, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
        if !["redis", "rediss"].contains(&protocol)
            || scheme.ends_with('+')
            || !["", "cluster", "sentinel"].contains(&kind)
        {
            return Err(none());
        }
        if rest.contains('#') {
            return wrong("a # in it has to be written %23; no certificate is taken unseen");
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (who, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let hosts = hosts.split(',').collect();
        Ok(Self { tls: protocol == "rediss", kind, who, hosts, path: path.trim_end_matches('/'), query })
    }

    fn hosts(&self, port: u16) -> Result<Vec<Host>, Unusable> {
        self.hosts.iter().map(|host| read_host(host, port).ok_or_else(none)).collect()
    }
}

/// As the library reads it; with its port.
fn read_host(text: &str, port: u16) -> Option<Host> {
    let ported = text.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
    let port = if ported { String::new() } else { format!(":{port}") };
    match format!("redis://{text}{port}").parse::<ConnectionInfo>().ok()?.addr() {
        ConnectionAddr::Tcp(name, port) if *port != 0 => Some(Host { name: name.clone(), port: *port }),
        _ => None,
    }
}

/// `user:password`, each with %XX for what has a meaning in addresses.
fn credentials(text: &str) -> Result<RedisConnectionInfo, Unusable> {
    let read = format!("redis://{text}@host").parse::<ConnectionInfo>().map_err(|_| none())?;
    let who = read.redis_settings();
    if who.username().is_some() && who.password().is_none() {
        return wrong("a user needs a password");
    }
    Ok(who.clone())
}

fn sentinels(query: &str) -> Result<RedisConnectionInfo, Unusable> {
    let (mut user, mut password) = ("", "");
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sentinel_user", value)) => user = value,
            Some(("sentinel_password", value)) => password = value,
            _ => return wrong("behind the ? go sentinel_user and sentinel_password"),
        }
    }
    if [user, password].iter().any(|text| text.contains(['@', ':', '/'])) {
        return wrong("@, : and / of the sentinels' password have to be written %40, %3A and %2F");
    }
    if user.is_empty() && password.is_empty() {
        return Ok(RedisConnectionInfo::default());
    }
    credentials(&format!("{user}:{password}"))
}

fn database(path: &str) -> Result<i64, Unusable> {
    match path.parse() {
        Ok(number @ 0..) => Ok(number),
        _ if path.is_empty() => Ok(0),
        _ => wrong("a database is a number"),
    }
}

fn none() -> Unusable {
    let forms = [
        "redis[s]://[user:password@]host[:port][/database]",
        "redis[s]+cluster://[user:password@]host[:port],…",
        "redis[s]+sentinel://[user:password@]host[:port],…/service[/database]",
    ];
    Unusable::new(SETTING, format!("not the address of a Redis: {}", forms.join(", ")))
}

fn wrong<T>(why: &str) -> Result<T, Unusable> {
    Err(Unusable::new(SETTING, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(url: &str) -> Kind {
        read(url, None).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn each_kind_is_read() {
        for (url, shown, tls) in [
            ("redis://:s3cret@h:6380/2", "h:6380", false),
            ("rediss://ann:s3cret@[::1]", "[::1]:6379", true),
            ("redis://localhost", "localhost:6379", false),
            ("redis+cluster://ann:s3cret@a,b:7001,[fe80::1]:7002", "cluster a:6379,b:7001,[fe80::1]:7002", false),
            ("rediss+cluster://a/", "cluster a:6379", true),
            ("redis+sentinel://:s3cret@a,b:1/main/3", "sentinels a:26379,b:1", false),
        ] {
            assert_eq!((&*kind(url).to_string(), kind(url).is_tls()), (shown, tls));
        }
    }

    #[test]
    fn who_asks_is_read() {
        let Kind::Server(way, _) = kind("redis://ann:p%40%2Fw@h/7") else { panic!("a server") };
        let who = |way: &Way| {
            let (user, password) = (way.who.username(), way.who.password());
            (user.unwrap_or("-").to_owned(), password.unwrap_or("-").to_owned(), way.who.db())
        };
        assert_eq!(who(&way), ("ann".into(), "p@/w".into(), 7));
        let Kind::Server(way, _) = kind("redis://:a@b@h") else { panic!("a server") };
        assert_eq!(who(&way), ("-".into(), "a@b".into(), 0));
        let url = "redis+sentinel://ann:one@a/main/2?sentinel_user=bob&sentinel_password=t%26o";
        let Kind::Sentinels(sentinels) = kind(url) else { panic!("sentinels") };
        assert_eq!(sentinels.service, "main");
        assert_eq!(who(&sentinels.way), ("ann".into(), "one".into(), 2));
        assert_eq!(who(&sentinels.to_sentinels), ("bob".into(), "t&o".into(), 0));
        let Kind::Sentinels(sentinels) = kind("redis+sentinel://:one@a/main") else { panic!("sentinels") };
        assert_eq!(who(&sentinels.to_sentinels), ("-".into(), "-".into(), 0));
    }

    #[test]
    fn what_is_wrong_is_told_without_the_secret() {
        for url in [
            "http://:s3cret@h",
            "s3cret",
            "redis+://:s3cret@h",
            "redis+other://:s3cret@h",
            "redis://:s3cret@",
            "redis://s3cret@h",
            "redis://:s3cret@h:x",
            "redis://:s3cret@h:0",
            "redis://:s3cret@h/s3cret",
            "redis://:s3cret@h/-1",
            "redis://:s3cret@h,i",
            "redis://:s3cret@h?protocol=resp3",
            "rediss://:s3cret@h#insecure",
            "redis+cluster://:s3cret@h,i/1",
            "redis+cluster://:s3cret@h,,i",
            "redis+sentinel://:s3cret@h",
            "redis+sentinel://:s3cret@h/main/s3cret",
            "redis+sentinel://h/main?password=s3cret",
            "redis+sentinel://h/main?sentinel_password=s3@cret",
        ] {
            let error = read(url, None).err().unwrap_or_else(|| panic!("{url} is taken")).to_string();
            assert!(!error.contains("s3"), "{error}");
        }
    }

    #[test]
    fn certificates_need_tls() {
        let certificates = TlsCertificates { client_tls: None, root_cert: None };
        assert!(read("redis://h", Some(certificates.clone())).is_err());
        assert!(read("rediss://h", Some(certificates)).is_ok());
    }
}

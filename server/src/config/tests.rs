//! Settings that can be used, and those that cannot.

use super::*;

#[test]
fn what_cannot_be_used_is_named() {
    let dir = Some(PathBuf::from("/x"));
    let cases: [(Given, &str); 17] = [
        (Given { jwt_secret: Some("short".into()), ..Given::default() }, "jwt_secret: needs 32 characters or more"),
        (
            Given { database_url: Some("mysql://".into()), ..Given::default() },
            "database_url: has to start with postgres://",
        ),
        (
            Given { command_timeout_ms: Some(1), ..Given::default() },
            "command_timeout_ms: has to be between 100 and 120000",
        ),
        (
            Given { redis_url: Some("http://u:p@h".into()), ..Given::default() },
            "redis_url: not the address of a Redis: redis[s]://[user:password@]host[:port][/database], \
             redis[s]+cluster://[user:password@]host[:port],…, \
             redis[s]+sentinel://[user:password@]host[:port],…/service[/database]",
        ),
        (
            Given { redis_url: Some("rediss://h".into()), redis_ca: Some("/nowhere".into()), ..Given::default() },
            "redis_ca: /nowhere: No such file or directory (os error 2)",
        ),
        (
            Given { redis_url: Some("rediss://h".into()), redis_cert: Some("/x".into()), ..Given::default() },
            "redis_cert: a certificate and its key (redis_key) go together",
        ),
        (
            Given { redis_prefix: Some("a b".into()), ..Given::default() },
            "redis_prefix: has to be letters, digits and -_.:",
        ),
        (
            Given { trusted_proxies: Some("10.0.0.0/8,x".into()), ..Given::default() },
            "trusted_proxies: \"x\" is not a network such as 10.0.0.0/8",
        ),
        (
            Given { cors_origins: Some("example.com".into()), ..Given::default() },
            "cors_origins: \"example.com\" is not an origin such as https://example.com, or * alone",
        ),
        (Given { connections: Some(0), ..Given::default() }, "connections: has to be between 1 and 1000000"),
        (
            Given { connections_per_address: Some(0), ..Given::default() },
            "connections_per_address: has to be 1 or more",
        ),
        (
            Given { cluster_secret: Some("short".into()), ..Given::default() },
            "cluster_secret: needs 32 characters or more",
        ),
        (
            Given { node_id: Some("a b".into()), ..Given::default() },
            "node_id: has to be letters, digits and -_., 64 at most",
        ),
        (
            Given { advertise_host: Some("h:1".into()), ..Given::default() },
            "advertise_host: \"h:1\" is not a name or an address without a port",
        ),
        (Given { cluster_peers: Some("a:1, b".into()), ..Given::default() }, "cluster_peers: \"b\" is not HOST:PORT"),
        (Given { cluster_dns: Some("a".into()), ..Given::default() }, "cluster_dns: \"a\" is not NAME:PORT"),
        (
            Given { cluster_tls_key: Some("/k".into()), ..Given::default() },
            "cluster_tls_cert: cluster_tls_cert, cluster_tls_key and cluster_tls_ca go together",
        ),
    ];
    for (given, expected) in cases {
        let error = Given { data_dir: dir.clone(), ..given }.resolve(None).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_shown_configuration_holds_no_secret() {
    let secret = "s3cret-s3cret-s3cret-s3cret-s3cret";
    let given = Given {
        data_dir: Some("/x".into()),
        database_url: Some(format!("postgres://u:{secret}@h/d")),
        redis_url: Some(format!("redis://:{secret}@h")),
        jwt_secret: Some(secret.into()),
        credential_key: Some(secret.into()),
        cluster_secret: Some(secret.into()),
        ..Given::default()
    };
    let shown = format!("{:?}", given.resolve(None).unwrap().redacted());
    assert!(!shown.contains(secret), "{shown}");
}

//! Certificates for a private Redis.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::server::TempDir;

/// Who signs; its files go with the value.
pub struct Authority {
    dir: TempDir,
}

impl Authority {
    pub fn new() -> Self {
        let authority = Self { dir: TempDir::new() };
        authority.make("ca", &["-addext", "basicConstraints=critical,CA:TRUE"]);
        authority
    }

    /// Its own certificate.
    pub fn ca(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// A certificate and its key, good for 127.0.0.1.
    pub fn issue(&self, name: &str) -> (PathBuf, PathBuf) {
        let (ca, key) = (self.ca(), self.file("ca.key"));
        let [ca, key] = [&ca, &key].map(|path| path.to_str().expect("plain"));
        let names = ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"];
        self.make(name, &[&["-CA", ca, "-CAkey", key][..], &names[..]].concat());
        (self.file(&format!("{name}.pem")), self.file(&format!("{name}.key")))
    }

    /// Settings of a Redis that speaks TLS only; with `yes` it wants to see a certificate.
    pub fn settings(&self, clients: &str) -> Vec<String> {
        let ((certificate, key), ca) = (self.issue("server"), self.ca());
        let shown = |path: &Path| path.display().to_string();
        [
            ("--port", "0".to_owned()),
            ("--tls-port", "{port}".to_owned()),
            ("--tls-cert-file", shown(&certificate)),
            ("--tls-key-file", shown(&key)),
            ("--tls-ca-cert-file", shown(&ca)),
            ("--tls-auth-clients", clients.to_owned()),
            ("--tls-replication", "yes".to_owned()),
            ("--tls-cluster", "yes".to_owned()),
        ]
        .into_iter()
        .flat_map(|(name, value)| [name.to_owned(), value])
        .collect()
    }

    /// What `redis-cli` has to say then.
    pub fn asking(&self) -> Vec<String> {
        let (certificate, key) = self.issue("cli");
        let named = [("--cacert", self.ca()), ("--cert", certificate), ("--key", key)];
        let named = named.into_iter().flat_map(|(name, path)| [name.to_owned(), path.display().to_string()]);
        std::iter::once("--tls".to_owned()).chain(named).collect()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn make(&self, name: &str, arguments: &[&str]) {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
        command.args(["-days", "2", "-subj", &format!("/CN={name}"), "-keyout"]).arg(self.file(&format!("{name}.key")));
        command.arg("-out").arg(self.file(&format!("{name}.pem"))).args(arguments);
        let made = command.output().expect("openssl is installed");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}

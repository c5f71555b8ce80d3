//! Certificates for TLS to Redis.

use std::path::PathBuf;

use redis::{Client, ClientTlsConfig, RedisError, TlsCertificates};
use rustls::crypto::ring;

use crate::unusable::Unusable;

/// Files in PEM, read once.
#[derive(Clone, Debug, Default)]
pub struct Certificates {
    /// Who signs certificates of Redis, instead of those whom the system trusts.
    pub ca: Option<PathBuf>,
    /// What this node shows to Redis.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
}

impl Certificates {
    /// None when there are none.
    pub(crate) fn read(&self) -> Result<Option<TlsCertificates>, Unusable> {
        // There is one kind of cryptography in the binary; a second one that came in would leave the choice open.
        let _ = ring::default_provider().install_default();
        let root_cert = self.ca.as_ref().map(|path| read("redis_ca", path)).transpose()?;
        let client_tls = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Some(ClientTlsConfig {
                client_cert: read("redis_cert", certificate)?,
                client_key: read("redis_key", key)?,
            }),
            (None, None) => None,
            _ => return Err(Unusable::new("redis_cert", "a certificate and its key (redis_key) go together")),
        };
        if root_cert.is_none() && client_tls.is_none() {
            return Ok(None);
        }
        let certificates = TlsCertificates { client_tls, root_cert };
        let setting = if self.ca.is_some() { "redis_ca" } else { "redis_cert" };
        let fit = Client::build_with_tls("rediss://host", certificates.clone());
        fit.map_err(|error| Unusable::new(setting, error.to_string()))?;
        Ok(Some(certificates))
    }
}

fn read(setting: &'static str, path: &PathBuf) -> Result<Vec<u8>, Unusable> {
    let failed = |why: String| Unusable::new(setting, format!("{}: {why}", path.display()));
    let text = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let begins = |with: &[u8]| text.windows(with.len()).any(|part| part == with);
    if begins(b"-----BEGIN ") { Ok(text) } else { Err(failed("is not PEM".to_owned())) }
}

/// What failed, and what it means when one side speaks TLS and the other does not.
pub(crate) fn explain(error: &RedisError, tls: bool) -> String {
    let text = error.to_string();
    // A server without TLS waits for the end of what it takes for a command.
    if tls && (error.is_timeout() || text.contains("corrupt message")) {
        format!("{text}; if this port does not speak TLS, the address begins with redis:// or redis+")
    } else if !tls && error.is_connection_dropped() && !error.is_connection_refusal() {
        format!("{text}; if this port speaks TLS, the address begins with rediss:// or rediss+")
    } else {
        text
    }
}

//! The Redis of all nodes.

use std::sync::Arc;

use crate::address;
use crate::link::Link;
use crate::tls::Certificates;
use crate::unusable::Unusable;

/// The Redis that nodes share, and what their keys in it begin with.
#[derive(Clone)]
pub struct Redis {
    pub(crate) link: Arc<Link>,
    pub(crate) prefix: Arc<str>,
}

impl Redis {
    /// At `url`, in keys and channels `{prefix}:…`. Connects when [`Redis::keep`] runs.
    ///
    /// # Errors
    /// When `url` is not the address of a Redis.
    pub fn new(url: &str, prefix: &str) -> Result<Self, Unusable> {
        Self::with(url, prefix, &Certificates::default())
    }

    /// The same, with certificates of one's own when `url` asks for TLS.
    ///
    /// # Errors
    /// When `url` is not the address of a Redis, or a certificate cannot be used.
    pub fn with(url: &str, prefix: &str, certificates: &Certificates) -> Result<Self, Unusable> {
        let kind = address::read(url, certificates.read()?)?;
        Ok(Self { link: Arc::new(Link::new(kind)), prefix: prefix.into() })
    }

    /// Keeps the connection. Runs until dropped.
    pub async fn keep(&self) {
        self.link.keep().await;
    }
}

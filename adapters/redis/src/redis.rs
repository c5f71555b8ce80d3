//! The Redis of all nodes.

use std::sync::Arc;

use crate::link::{Link, UrlError};

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
    pub fn new(url: &str, prefix: &str) -> Result<Self, UrlError> {
        Ok(Self { link: Arc::new(Link::new(url)?), prefix: prefix.into() })
    }

    /// Keeps the connection. Runs until dropped.
    pub async fn keep(&self) {
        self.link.keep().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_an_address_is_told_without_it() {
        let error = Redis::new("http://:s3cret@h", "p").err().expect("not a Redis");
        assert!(!error.to_string().contains("s3cret"));
        Redis::new("redis://:s3cret@h:6380/2", "p").expect("a Redis");
    }
}

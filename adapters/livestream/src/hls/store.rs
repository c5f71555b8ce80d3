//! Opens what segments are kept in, by its address.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};

use super::wire::Wire;

/// What a request is tried again after, and until when: sooner than whoever asked has lost its patience.
const RETRIES: RetryConfig = RetryConfig {
    backoff: BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(1), base: 2.0 },
    max_retries: 3,
    retry_timeout: Duration::from_secs(3),
};

/// Why a store cannot be opened. Says nothing of keys.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no such kind of store.
    #[error("a store is `memory`, `file:/folder` or `s3://bucket/prefix`")]
    Unknown,
    /// A folder cannot be made.
    #[error("the folder of the store: {0}")]
    Folder(#[from] std::io::Error),
    /// What is told of it does not suffice, or does not fit.
    #[error("the store: {0}")]
    Store(#[from] object_store::Error),
}

/// A store, by its address:
///
/// - `memory`: gone with the process.
/// - `file:/folder`: files in a folder, which is made if need be, for us alone. Folders that become empty are removed.
/// - `s3://bucket/prefix`: S3, or a server that is like it. Where it is and who asks is told by `variables`, as AWS names them:
///   `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL` and others. An
///   endpoint of `http://` is taken as it is told; those that want the bucket before their name need
///   `AWS_VIRTUAL_HOSTED_STYLE_REQUEST`.
///
/// Nothing is asked of it before something is kept.
///
/// # Errors
/// [`OpenError`].
pub fn open(
    address: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Arc<dyn ObjectStore>, OpenError> {
    if address == "memory" {
        return Ok(Arc::new(InMemory::new()));
    }
    if let Some(bucket) = address.strip_prefix("s3://") {
        return s3(bucket, variables);
    }
    let path = address.strip_prefix("file:").ok_or(OpenError::Unknown)?;
    // Two slashes stand before a host, which is not told.
    let path = path.strip_prefix("//").filter(|path| path.starts_with('/')).unwrap_or(path);
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(OpenError::Unknown);
    }
    files(Path::new(path))
}

fn files(folder: &Path) -> Result<Arc<dyn ObjectStore>, OpenError> {
    // Names that nobody can guess are worth nothing where they can be listed.
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true)))
}

fn s3(address: &str, variables: impl IntoIterator<Item = (String, String)>) -> Result<Arc<dyn ObjectStore>, OpenError> {
    let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
    if bucket.is_empty() || !bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) {
        return Err(OpenError::Unknown);
    }
    let mut builder = AmazonS3Builder::new();
    for (name, value) in variables {
        // The others are about something else.
        if let (true, Ok(key)) = (name.starts_with("AWS_"), name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>()) {
            builder = builder.with_config(key, value);
        }
    }
    let endpoints = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint];
    let endpoint = endpoints.iter().find_map(|key| builder.get_config_value(key));
    let plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    let store = builder
        .with_bucket_name(bucket)
        .with_allow_http(plain)
        .with_retry(RETRIES)
        // One object is removed at a time, which every server knows how to do.
        .with_disable_bulk_delete(true)
        .with_http_connector(Wire)
        .build()?;
    let prefix = object_store::path::Path::from(prefix);
    Ok(if prefix.as_ref().is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix)) })
}

//! The schema at run time.

use std::sync::LazyLock;

use prost::Name;
use prost_reflect::{DescriptorPool, MessageDescriptor};

/// The schema as a `google.protobuf.FileDescriptorSet`, with all that it imports: for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.binpb"));

/// What instants are called.
pub(crate) const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// Every message, enum and service of the schema.
#[must_use]
pub fn pool() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("compiled together with this crate"));
    &POOL
}

/// What a message is made of.
pub(crate) fn descriptor<M: Name>() -> MessageDescriptor {
    pool().get_message_by_name(&M::full_name()).expect("messages are generated from the same schema")
}

//! The typed protocol: the messages, clients and servers of the .proto files beside this crate. It knows no domain:
//! adapters translate.

mod codec;
mod encoded;
pub mod json;
mod schema;
pub mod strict;

pub use codec::{ERROR_DOMAIN, StrictCodec};
pub use encoded::Encoded;
pub use schema::{FILE_DESCRIPTOR_SET, pool};

/// The protocol of rooms: messages and clients.
pub mod v1 {
    #![expect(unused_qualifications, clippy::all, reason = "generated")]
    include!(concat!(env!("OUT_DIR"), "/synctv.v1.rs"));
}

/// What a running server is told by whoever runs it.
pub mod management {
    /// Messages and clients.
    pub mod v1 {
        #![expect(unused_qualifications, reason = "generated")]
        include!(concat!(env!("OUT_DIR"), "/synctv.management.v1.rs"));
    }
}

/// What the nodes of one log tell each other.
pub mod cluster {
    /// Messages, client and server; in no description that others see.
    pub mod v1 {
        #![expect(unused_qualifications, clippy::allow_attributes, reason = "generated")]
        include!(concat!(env!("OUT_DIR"), "/synctv.cluster.v1.rs"));
    }
}

/// What a server implements: a module for each service, such as `rooms_server`.
pub mod server {
    /// The services of rooms. Messages that go to many are [`Encoded`](crate::Encoded).
    pub mod v1 {
        #![expect(unused_qualifications, clippy::allow_attributes, reason = "generated")]
        include!(concat!(env!("OUT_DIR"), "/servers/synctv.v1.rs"));
    }

    /// The service of a running server.
    pub mod management {
        #![expect(unused_qualifications, clippy::allow_attributes, reason = "generated")]
        include!(concat!(env!("OUT_DIR"), "/servers/synctv.management.v1.rs"));
    }
}

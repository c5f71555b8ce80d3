//! The messages of `synctv.v1`, generated from the .proto files beside this crate. It knows no domain: adapters translate.

/// Version 1.
pub mod v1 {
    #![expect(missing_docs, reason = "generated; the .proto files document it")]
    include!(concat!(env!("OUT_DIR"), "/synctv.v1.rs"));
}

//! Compiles the .proto files, without protoc: messages and clients in a first run, servers in a second one.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use prost::Message;
use tonic_prost_build::{Builder, Config, FileDescriptorSet};

/// Messages that a server sends to many, encoded once, and those that may be wrong without an end to their stream: bytes to
/// its streams.
const ENCODED: &[&str] = &[
    ".synctv.v1.WatchResponse",
    ".synctv.v1.SessionResponse",
    ".synctv.v1.LogTailResponse",
    ".synctv.v1.SessionRequest",
];

/// The packages, and the modules that their messages are in.
const PACKAGES: &[(&str, &str)] = &[(".synctv.v1", "crate::v1"), (".synctv.management.v1", "crate::management::v1")];

/// What nodes tell each other: no interface for others, so that it is not described to them. A node overlooks what a newer one
/// says besides.
const INTERNAL: &str = "synctv.cluster.v1";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=synctv");
    let mut files = Vec::new();
    protos(Path::new("synctv"), &mut files)?;
    let mut compiled = protox::compile(&files, ["."])?;
    let mut internal = compiled.clone();
    compiled.file.retain(|file| file.package() != INTERNAL);
    internal.file.retain(|file| !file.package().starts_with("synctv.") || file.package() == INTERNAL);

    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.binpb"), without_sources(compiled.clone()).encode_to_vec())?;
    messages_and_clients().compile_fds_with_config(compiled.clone(), named())?;
    servers(&out.join("servers"))?.compile_fds_with_config(compiled, named())?;
    tonic_prost_build::configure().build_transport(false).compile_fds_with_config(internal, named())?;
    Ok(())
}

/// Every .proto file below, in a fixed order.
fn protos(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for path in entries.iter().map(fs::DirEntry::path) {
        match path.extension() {
            _ if path.is_dir() => protos(&path, into)?,
            Some(extension) if extension == "proto" => into.push(path),
            _ => {}
        }
    }
    Ok(())
}

/// What programs need of the descriptors: everything but the places and comments in the files.
fn without_sources(mut descriptors: FileDescriptorSet) -> FileDescriptorSet {
    for file in &mut descriptors.file {
        file.source_code_info = None;
    }
    descriptors
}

/// Messages that know what they are called.
fn named() -> Config {
    let mut config = Config::new();
    config.enable_type_names();
    config
}

fn messages_and_clients() -> Builder {
    tonic_prost_build::configure().build_server(false).build_transport(false)
}

/// They refuse what they do not know, and have some messages as bytes.
fn servers(out: &Path) -> io::Result<Builder> {
    fs::create_dir_all(out)?;
    let mut builder = tonic_prost_build::configure().build_client(false).build_transport(false).out_dir(out);
    for (package, module) in PACKAGES {
        builder = builder.extern_path(*package, *module);
    }
    for message in ENCODED {
        builder = builder.extern_path(*message, "crate::Encoded");
    }
    Ok(builder.codec_path("crate::StrictCodec"))
}

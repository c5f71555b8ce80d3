//! Compiles the .proto files, without protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=synctv");
    let files = protox::compile(["synctv/v1/event.proto"], ["."])?;
    Ok(prost_build::Config::new().compile_fds(files)?)
}

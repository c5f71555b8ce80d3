//! The `synctv` binary.

use std::process::ExitCode;

/// Commands and frames are many small pieces, made on one thread and dropped on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    synctv_server::run()
}

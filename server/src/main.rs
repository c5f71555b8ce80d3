//! The `synctv` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    synctv_server::run()
}

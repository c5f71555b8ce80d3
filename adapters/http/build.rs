//! Puts the built page into the binary. Without it the server works, and says where the page would be.

use std::path::{Path, PathBuf};
use std::{env, fs};

const FILES: [(&str, &str); 7] = [
    (
        "dist/index.html",
        "<!doctype html><title>SyncTV</title><p>The page is not part of this build: run <code>make build</code>.",
    ),
    ("dist/app.js", ""),
    ("dist/style.css", ""),
    (
        "dist/docs.html",
        "<!doctype html><title>SyncTV API</title><p>The viewer is not part of this build: run <code>make build</code>. \
         <a href=/openapi.json>OpenAPI</a>, <a href=/asyncapi.json>AsyncAPI</a>",
    ),
    ("dist/docs.js.gz", ""),
    ("dist/docs.css.gz", ""),
    ("sample/sample.mp4", ""),
];

fn main() {
    let web = Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../web");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for (file, absent) in FILES {
        let source = web.join(file);
        println!("cargo::rerun-if-changed={}", source.display());
        let name = source.file_name().expect("every entry names a file");
        let content = fs::read(&source).unwrap_or_else(|_| absent.as_bytes().to_vec());
        fs::write(out.join(name), content).expect("OUT_DIR is writable");
    }
}

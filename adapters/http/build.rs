//! Puts the built page into the binary. Without it the server works, and says where the page would be.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What stands in for the pages in a build without them.
const ABSENT: [(&str, &str); 2] = [
    (
        "index.html",
        "<!doctype html><title>SyncTV</title><p>The page is not part of this build: run <code>make build</code>.",
    ),
    (
        "docs.html",
        "<!doctype html><title>SyncTV API</title><p>The viewer is not part of this build: run <code>make build</code>. \
         <a href=/openapi.json>OpenAPI</a>, <a href=/asyncapi.json>AsyncAPI</a>",
    ),
];

fn main() {
    let web = Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../web");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut files = Vec::new();
    find(&web.join("dist"), "", &mut files);
    find(&web.join("sample"), "", &mut files);
    for (name, content) in ABSENT {
        if files.iter().all(|(path, _)| path != name) {
            fs::write(out.join(name), content).expect("OUT_DIR is writable");
            files.push((name.to_owned(), out.join(name)));
        }
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (path, file) in &files {
        if let Some(kind) = kind(path) {
            writeln!(table, "{}", entry(path, file, kind)).expect("a string takes everything");
        }
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table).expect("OUT_DIR is writable");
}

/// The files in and below a folder, by their path within it.
fn find(folder: &Path, within: &str, files: &mut Vec<(String, PathBuf)>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("the folder is readable").path();
        let name = format!("{within}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            find(&path, &format!("{name}/"), files);
        } else {
            files.push((name, path));
        }
    }
}

/// The media type; none for what is not served by itself.
fn kind(path: &str) -> Option<&'static str> {
    match Path::new(path).extension()?.to_str()? {
        "html" => Some("text/html; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "webmanifest" => Some("application/manifest+json"),
        "mp4" => Some("video/mp4"),
        _ => None,
    }
}

fn entry(path: &str, file: &Path, kind: &str) -> String {
    let beside = |extension: &str| {
        let compressed = PathBuf::from(format!("{}.{extension}", file.display()));
        if compressed.is_file() { format!("Some({})", bytes(&compressed)) } else { "None".to_owned() }
    };
    let mut hasher = DefaultHasher::new();
    fs::read(file).expect("the file is readable").hash(&mut hasher);
    format!(
        "Asset {{ path: {path:?}, kind: {kind:?}, tag: \"{:016x}\", plain: {}, brotli: {}, gzip: {} }},",
        hasher.finish(),
        bytes(file),
        beside("br"),
        beside("gz"),
    )
}

fn bytes(file: &Path) -> String {
    format!("include_bytes!({:?})", file.canonicalize().expect("the file is there"))
}

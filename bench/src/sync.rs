//! How well people stay together by the page's rule and by those of peers: rooms in virtual time, played by `tests/sim`.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::report::Row;

/// Whether it is asked for.
pub fn is_wanted(only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|start| start == "sync" || start.starts_with("sync."))
}

/// Seconds, whatever the length of rounds: the time is virtual.
pub fn rows() -> Result<Vec<Row>, Failure> {
    let web = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../web"));
    let path = web.join("node_modules/.test/sync.json");
    let mut played = Command::new("npm");
    played.current_dir(web).args(["run", "--silent", "sim", "--", "--json"]).arg(&path);
    let failed = |output: String| Failure::Program { program: "npm run sim".to_owned(), output };
    let output = played.output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let text = std::fs::read_to_string(&path).map_err(|source| Failure::File { path, source })?;
    Ok(serde_json::from_str(&text)?)
}

//! Who may depend on whom.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What each of our crates may use of our crates. Everything may use the domain; nothing may use the server but benchmarks.
const ALLOWED: &[(&str, &[&str])] = &[
    ("synctv-domain", &[]),
    ("synctv-proto", &[]),
    ("synctv-commands", &["synctv-domain"]),
    ("synctv-projections", &["synctv-domain"]),
    ("synctv-postgres", &["synctv-domain", "synctv-commands", "synctv-projections"]),
    ("synctv-realtime", &["synctv-domain", "synctv-commands"]),
    ("synctv-redis", &["synctv-domain", "synctv-commands"]),
    ("synctv-webhooks", &["synctv-domain", "synctv-commands"]),
    ("synctv-livestream", &["synctv-domain", "synctv-commands"]),
    ("synctv-edge", &["synctv-domain", "synctv-commands", "synctv-projections", "synctv-proto"]),
    ("synctv-grpc", &["synctv-domain", "synctv-commands", "synctv-projections", "synctv-proto", "synctv-edge"]),
    ("synctv-http", &["synctv-domain", "synctv-commands", "synctv-projections", "synctv-edge", "synctv-livestream"]),
    (
        "synctv-server",
        &[
            "synctv-domain",
            "synctv-commands",
            "synctv-projections",
            "synctv-postgres",
            "synctv-realtime",
            "synctv-redis",
            "synctv-webhooks",
            "synctv-livestream",
            "synctv-edge",
            "synctv-grpc",
            "synctv-http",
        ],
    ),
    ("synctv-bench", &["synctv-domain", "synctv-commands", "synctv-postgres", "synctv-proto"]),
];

/// Who may use an engine's client.
const ENGINES: &[(&str, &[&str])] = &[
    ("sqlx", &["synctv-postgres", "synctv-bench"]),
    // Benchmarks serve the broadcaster that deliveries are compared with.
    ("axum", &["synctv-http", "synctv-server", "synctv-bench"]),
    ("utoipa", &["synctv-http"]),
    ("utoipa-axum", &["synctv-http"]),
    ("postgres-es", &["synctv-postgres", "synctv-bench"]),
    (
        "prometheus",
        &["synctv-postgres", "synctv-realtime", "synctv-redis", "synctv-webhooks", "synctv-edge", "synctv-server"],
    ),
    ("hyper-rustls", &["synctv-livestream", "synctv-webhooks"]),
    ("mp4-atom", &["synctv-livestream"]),
    ("object_store", &["synctv-livestream"]),
    // Benchmarks compare the way from node to node with a bare stream.
    ("redis", &["synctv-redis", "synctv-bench"]),
    // Benchmarks measure the surface from outside.
    ("tonic", &["synctv-grpc", "synctv-proto", "synctv-bench"]),
    (
        "tokio",
        &[
            "synctv-commands",
            "synctv-projections",
            "synctv-postgres",
            "synctv-realtime",
            "synctv-redis",
            "synctv-webhooks",
            "synctv-livestream",
            "synctv-edge",
            "synctv-grpc",
            "synctv-http",
            "synctv-server",
            "synctv-bench",
        ],
    ),
];

fn edges() -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(ROOT)
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let mut edges = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            // The black-box tests of the server look behind its back.
            if dependency["kind"] == "dev" {
                continue;
            }
            let name = |value: &Value| value.as_str().expect("a name").to_owned();
            edges.push((name(&package["name"]), name(&dependency["name"])));
        }
    }
    edges
}

#[test]
fn no_crate_reaches_where_it_may_not() {
    let edges = edges();
    assert!(edges.len() > 20, "cargo told of {} edges only", edges.len());
    for (from, to) in edges {
        if to.starts_with("synctv-") {
            let allowed = ALLOWED.iter().find(|(name, _)| *name == from).map(|(_, allowed)| *allowed);
            let allowed = allowed.unwrap_or_else(|| panic!("{from} has no place in the architecture"));
            assert!(allowed.contains(&to.as_str()), "{from} -> {to} breaks the dependency rule");
        } else if let Some((_, users)) = ENGINES.iter().find(|(engine, _)| *engine == to) {
            assert!(users.contains(&from.as_str()), "{from} -> {to}: only {users:?} may use {to}");
        }
    }
}

/// Every source file of ours, with its lines.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<_> = [
        "domain",
        "commands",
        "projections",
        "proto",
        "adapters",
        "server",
        "tests",
        "bench",
        "web/src",
        "migrations",
        "scripts",
    ]
    .map(|folder| Path::new(ROOT).join(folder))
    .into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(ROOT).unwrap_or(&path).display().to_string();
            if path.is_dir() && entry.file_name() != "node_modules" && entry.file_name() != "target" {
                folders.push(path);
            } else if ["rs", "ts", "sql", "sh", "proto"]
                .iter()
                .any(|kind| path.extension().is_some_and(|own| own == *kind))
            {
                found.push((name, std::fs::read_to_string(&path).expect("source is UTF-8")));
            }
        }
    }
    assert!(found.len() > 100, "only {} files", found.len());
    found
}

#[test]
fn files_are_short_and_finished() {
    let unfinished = ["TO", "FIX"].map(|start| format!("{start}{}", if start == "TO" { "DO" } else { "ME" }));
    let mut lengths = Vec::new();
    for (name, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 600, "{name} has {lines} lines");
        if name.ends_with("/lib.rs") {
            assert!(lines <= 60, "{name} has {lines} lines; it is for docs, mod and pub use");
        }
        for word in &unfinished {
            assert!(!text.contains(word), "{name} says {word}");
        }
        lengths.push(lines);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 150, "the median file has {median} lines");
}

#[test]
fn every_event_version_has_a_golden_file() {
    let golden = Path::new(ROOT).join("domain/golden");
    for (name, version) in synctv_domain::Event::NAMES {
        for version in 1..=*version {
            let file = golden.join(format!("{name}.v{version}.json"));
            assert!(file.exists(), "{} is missing", file.display());
        }
    }
}

#[test]
fn the_readme_names_tests_that_exist() {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).expect("there is one");
    let tests: String = sources()
        .into_iter()
        .filter(|(name, _)| name.contains("tests/") || name.ends_with("_law.rs"))
        .map(|(_, text)| text)
        .collect();
    let names: Vec<&str> = readme
        .split('`')
        .filter(|word| {
            word.len() > 20
                && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_' || letter.is_ascii_digit())
        })
        .collect();
    assert!(names.len() > 20, "the README names {} tests", names.len());
    for name in names {
        assert!(tests.contains(&format!("fn {name}(")), "the README names {name}, and there is no such test");
    }
}

#[test]
fn every_known_complaint_has_a_test() {
    let runbook = std::fs::read_to_string(Path::new(ROOT).join("runbooks/sync.md")).expect("there is one");
    let tests: String =
        sources().into_iter().filter(|(name, _)| name.contains("tests/")).map(|(_, text)| text).collect();
    for number in 1..=25 {
        let row = runbook.lines().find(|line| line.starts_with(&format!("| {number} |")));
        let row = row.unwrap_or_else(|| panic!("complaint {number} is not in runbooks/sync.md"));
        let named: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "complaint {number} has no test");
        for name in named {
            let exists = tests.contains(&format!("fn {name}(")) || tests.contains(&format!("(\"{name}\""));
            assert!(exists, "runbooks/sync.md names {name}, and there is no such test");
        }
    }
}

#[test]
fn what_the_page_knows_of_rooms_and_how_it_follows_them_needs_no_document() {
    let of_browsers = ["document.", "window.", "localStorage", "sessionStorage", "HTMLElement", "HTMLVideoElement"];
    let pure = |name: &str| ["web/src/state/", "web/src/sync/"].iter().any(|folder| name.starts_with(folder));
    let files: Vec<_> = sources().into_iter().filter(|(name, _)| pure(name)).collect();
    assert!(files.len() > 20, "only {} files", files.len());
    for (name, text) in files {
        // A field may be called a window.
        let text = text.replace("this.window.", "");
        for word in of_browsers {
            assert!(!text.contains(word), "{name} uses {word}");
        }
    }
}

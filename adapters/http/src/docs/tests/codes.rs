//! The codes of the documents are those of the program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::docs::openapi;
use crate::docs::refusals::{REFUSALS, SPOKEN};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() && entry.file_name() != "docs" {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// The text behind each of these words, where one follows in the same expression.
fn texts_behind(source: &str, words: &[&str]) -> Vec<String> {
    let text = |rest: &str| {
        let (before, text) = rest.split_once('"')?;
        (!before.contains([';', '{', '}'])).then(|| text.split('"').next().unwrap_or_default().to_owned())
    };
    words.iter().flat_map(|word| source.split(word).skip(1).filter_map(text)).collect()
}

/// Every code that some line of the program gives.
fn given() -> BTreeSet<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for edge in ["edge/src", "adapters/http/src"] {
        sources(&crates.join(edge), &mut files);
    }
    let mut codes: BTreeSet<String> = ["duplicate_field", "invalid_text", "invalid_json", "unknown_field"]
        .map(str::to_owned) // chosen by the parser's message
        .into();
    for file in files {
        let source = std::fs::read_to_string(&file).expect("source");
        let words = ["Problem::new(", "Self::new(", "bad_request(", "unavailable("];
        codes.extend(texts_behind(&source, &words).into_iter().filter(|text| is_code(text)));
    }
    for (file, function) in [("rejection.rs", "fn code"), ("command/parse.rs", "fn code")] {
        let source = std::fs::read_to_string(crates.join("domain/src").join(file)).expect("source");
        let arms = source.split(function).nth(1).expect("it tells its codes");
        let end = arms.find("\n    }\n").expect("it ends");
        codes.extend(texts_behind(&arms[..end], &["=>"]));
    }
    codes
}

fn is_code(text: &str) -> bool {
    text.len() > 3 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[test]
fn every_code_is_described_and_every_description_is_given() {
    let described: BTreeSet<String> = REFUSALS.iter().map(|(code, ..)| (*code).to_owned()).collect();
    assert_eq!(described, given());
}

/// What is answered before a route is found is named by none.
#[test]
fn every_code_is_named_by_a_route_or_the_socket() {
    let (document, spoken) = (openapi::document()["paths"].to_string(), SPOKEN.concat());
    for (code, ..) in REFUSALS {
        let named = document.contains(&format!("\"{code}\"")) || spoken.contains(code);
        assert_eq!(named, !["method_not_allowed", "uri_too_long"].contains(code), "{code}");
    }
}

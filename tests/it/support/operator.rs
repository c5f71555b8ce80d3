//! `synctv projection …`, as an operator types it.

use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use super::client::Guest;
use super::database::number;
use super::server::synctv;

fn command(database: &str, arguments: &[&str]) -> Command {
    let mut command = synctv(&["projection"]);
    // Nothing is looked for in it, because the database is given.
    command.args(arguments).args(["--data-dir", "/nowhere"]).env("DATABASE_URL", database);
    command
}

/// Runs a verb to its end.
pub fn projection(database: &str, arguments: &[&str]) -> Output {
    command(database, arguments).output().expect("the binary runs")
}

/// Begins a verb.
pub fn start(database: &str, arguments: &[&str]) -> Child {
    let mut command = command(database, arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs")
}

/// The exit code and the JSON of a verb.
#[track_caller]
pub fn told(output: &Output) -> (i32, Value) {
    let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{all}"));
    (output.status.code().unwrap_or_else(|| panic!("{}", output.status)), value)
}

/// What is said of one projection.
pub fn shown(database: &str, name: &str) -> Value {
    let (_, list) = told(&projection(database, &["list", "--json"]));
    let found = list["projections"].as_array().into_iter().flatten().find(|one| one["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {list:#}")).clone()
}

/// A room with three messages in it.
pub async fn said(url: &str) -> (Guest, String) {
    let ann = Guest::new(url, "Ann").await;
    let room = ann.room().await;
    for text in ["one", "two", "three"] {
        say(&ann, &room, text).await;
    }
    (ann, room)
}

/// Says something; what is answered.
pub async fn say(guest: &Guest, room: &str, text: &str) -> Value {
    guest.command(room, json!({ "type": "chat.post", "text": text })).await.ok()
}

/// How many a table has.
pub async fn count(database: &str, table: &str) -> i64 {
    number(database, &format!("SELECT count(*) FROM {table}")).await
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

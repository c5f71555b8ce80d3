//! Verbs that go through a running server.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use synctv_proto::v1;
use synctv_proto::v1::watch_client::WatchClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Streaming};

use super::client::Guest;
use super::server::{Server, synctv};
use super::wait::{eventually, within};

/// What `synctv status --json` ends with, and tells; what it says against it otherwise.
pub fn server_status(data_dir: &Path) -> (Option<i32>, Value) {
    let mut command = synctv(&["status", "--json", "--data-dir"]);
    outcome(command.arg(data_dir))
}

/// What a verb ends with, and its JSON, be it an error.
pub fn outcome(command: &mut Command) -> (Option<i32>, Value) {
    let output = command.output().expect("the binary runs");
    let text = if output.stdout.is_empty() { &output.stderr } else { &output.stdout };
    let value = serde_json::from_slice(text);
    (output.status.code(), value.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(text))))
}

/// Where a server that was given `127.0.0.1:0` for its management answers: `http://127.0.0.1:port`.
pub fn management(server: &Server) -> String {
    let log = server.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ready = lines.into_iter().find(|line| line["message"] == "management.ready").expect("it was logged");
    format!("http://{}", ready["address"].as_str().expect("a text"))
}

/// `synctv stop --json` at work.
pub struct Stop {
    child: Child,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Stop {
    pub fn of(data_dir: &Path, arguments: &[&str]) -> Self {
        let mut command = synctv(&["stop", "--json", "--data-dir"]);
        Self::by(command.arg(data_dir).args(arguments))
    }

    pub fn by(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary runs");
        let (stdout, lines) = (child.stdout.take().expect("it is piped"), Arc::default());
        let into: Arc<Mutex<Vec<Value>>> = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).expect("a line is an object");
                into.lock().expect("nobody panics with it").push(line);
            }
        });
        Self { child, lines }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it told so far.
    pub fn lines(&self) -> Vec<Value> {
        self.lines.lock().expect("nobody panics with it").clone()
    }

    /// Waits until it tells of this.
    pub async fn until(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || self.lines().into_iter().find(&is)).await
    }

    /// Its exit code, and everything that it told.
    pub async fn end(mut self) -> (Option<i32>, Vec<Value>) {
        let status = eventually("the verb ends", async || self.child.try_wait().expect("it is ours")).await;
        // The last lines are read by then, or in a moment.
        if status.success() {
            self.until("the last line", |line| line["phase"] == "stopped").await;
        }
        (status.code(), self.lines())
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How it ended.
pub async fn ended(server: &mut Server, patience: Duration) -> Option<i32> {
    within(patience, "the server ends", async || server.ended()).await.code()
}

/// A connection for typed clients.
pub async fn channel(url: &str) -> Channel {
    Endpoint::new(url.to_owned()).expect("an address").connect().await.expect("the server listens")
}

impl Guest {
    /// Follows a room over gRPC, from the room as it is.
    pub async fn watch(&self, room: &str) -> Streaming<v1::WatchResponse> {
        let mut request = Request::new(v1::WatchRequest { room_id: room.to_owned(), from: None });
        let token = format!("Bearer {}", self.token).parse().expect("ASCII");
        request.metadata_mut().insert("authorization", token);
        let mut client = WatchClient::new(channel(&self.url).await);
        client.watch(request).await.expect("the server streams").into_inner()
    }
}

//! `synctv webhook …` and `synctv outbox …`, as an operator types them.

use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::operator::told;
use super::receiver::Delivery;
use super::server::synctv;
use super::wait::eventually;

/// Runs `synctv webhook …` to its end.
pub fn webhook(database: &str, arguments: &[&str]) -> Output {
    verb("webhook", database, arguments)
}

/// Runs `synctv outbox …` to its end.
pub fn outbox(database: &str, arguments: &[&str]) -> Output {
    verb("outbox", database, arguments)
}

fn verb(verb: &str, database: &str, arguments: &[&str]) -> Output {
    let mut command = synctv(&[verb]);
    // Nothing is looked for in it, because the database is given.
    command.args(arguments).args(["--data-dir", "/nowhere"]).env("DATABASE_URL", database);
    command.output().expect("the binary runs")
}

/// How a topic is.
pub fn topic_status(database: &str, topic: &str) -> Value {
    let (_, status) = told(&outbox(database, &["status", "--json"]));
    let found = status["topics"].as_array().into_iter().flatten().find(|one| one["topic"] == topic);
    found.unwrap_or_else(|| panic!("no {topic} in {status:#}")).clone()
}

/// A webhook that was made.
pub struct Hook {
    pub id: String,
    pub secret: String,
    pub after: i64,
    database: String,
}

impl Hook {
    /// For events of these types; none: all.
    pub fn new(database: &str, url: &str, types: &[&str]) -> Self {
        let mut arguments = vec!["add", url, "--json"];
        types.iter().for_each(|name| arguments.extend(["--type", name]));
        let (code, made) = told(&webhook(database, &arguments));
        assert_eq!(code, 0, "{made:#}");
        let text = |name: &str| made[name].as_str().expect("a string").to_owned();
        let after = made["after"].as_i64().expect("a position");
        Self { id: text("id"), secret: text("secret"), after, database: database.to_owned() }
    }

    pub fn topic(&self) -> String {
        format!("webhook/{}", self.id)
    }

    pub fn status(&self) -> Value {
        topic_status(&self.database, &self.topic())
    }

    /// Waits until its topic is like this.
    pub async fn becomes(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || Some(self.status()).filter(|status| wanted(status))).await
    }

    /// Waits until a node delivers; its name.
    pub async fn owner(&self) -> String {
        let status = self.becomes("an owner", |status| status["owner"].is_string()).await;
        status["owner"].as_str().expect("a string").to_owned()
    }

    /// Lets what waits be tried at once.
    pub fn resume(&self) {
        let output = webhook(&self.database, &["resume", &self.id]);
        assert!(output.status.success(), "{output:?}");
    }

    /// Asserts that a delivery is signed with its secret.
    #[track_caller]
    pub fn assert_signed(&self, delivery: &Delivery) {
        let key = STANDARD.decode(self.secret.strip_prefix("whsec_").expect("the prefix")).expect("base64");
        let (id, at) = (delivery.id(), delivery.header("webhook-timestamp"));
        let mac = Hmac::<Sha256>::new_from_slice(&key).expect("any key");
        let mac = mac.chain_update(format!("{id}.{at}.")).chain_update(&delivery.raw).finalize();
        let expected = format!("v1,{}", STANDARD.encode(mac.into_bytes()));
        assert_eq!(delivery.header("webhook-signature"), expected, "{delivery:?}");
    }
}

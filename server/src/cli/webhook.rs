//! `synctv webhook …`

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};
use synctv_domain::{Event, WebhookId};
use synctv_postgres::{PgPool, PgWebhooks, Trial, Webhook};
use synctv_webhooks::{Answer, Sender, check_url, shown};

use super::table::table;
use super::{Failure, Outcome, say};
use crate::config::Config;
use crate::database::Session;

#[derive(Clone, Debug, Subcommand)]
pub(super) enum WebhookVerb {
    /// Send every event from now on to an address, and show the secret that deliveries are signed with.
    ///
    /// It is shown this once. How a receiver checks a delivery is in runbooks/webhooks.md. Events hold what people said: give
    /// an https:// address unless it is on this machine or a network of your own.
    Add {
        /// https://… or http://…
        #[arg(value_parser = address)]
        url: String,
        /// Only events of this name, for example chat.posted; may be given more than once. [default: all]
        #[arg(long = "type", value_name = "NAME", value_parser = types(), hide_possible_values = true)]
        types: Vec<String>,
    },
    /// Show the webhooks, without their secrets.
    List,
    /// Send nothing more, and forget what waits or is dead.
    Remove {
        /// whk_…
        id: WebhookId,
    },
    /// Let a paused webhook go on with what waits.
    ///
    /// One is paused when its receiver answers 410 Gone. Nothing is lost meanwhile. What waits for another attempt is tried at
    /// once, also when it was not paused.
    Resume {
        /// whk_…
        id: WebhookId,
    },
    /// Send an event of the type synctv.webhook.test from here, and show the answer.
    ///
    /// Ends with 0 when the receiver took it, else with 1.
    Test {
        /// whk_…
        id: WebhookId,
    },
}

fn address(text: &str) -> Result<String, &'static str> {
    check_url(text).map(|()| text.to_owned())
}

fn types() -> PossibleValuesParser {
    PossibleValuesParser::new(Event::NAMES.iter().map(|(name, _)| *name))
}

pub(super) async fn perform(verb: &WebhookVerb, config: &Config, json: bool) -> Result<Outcome, Failure> {
    let session = Session::open(config).await?;
    let outcome = run(verb, &session.pool, config, json).await;
    session.close().await?;
    outcome
}

async fn run(verb: &WebhookVerb, pool: &PgPool, config: &Config, json: bool) -> Result<Outcome, Failure> {
    let webhooks = PgWebhooks::new(pool.clone());
    match verb {
        WebhookVerb::Add { url, types } => add(&webhooks, &credential(pool, config).await?, (url, types), json).await,
        WebhookVerb::List => list(&webhooks, json).await,
        WebhookVerb::Remove { id } => {
            let Some(rows) = webhooks.remove(*id).await? else { return missing(*id) };
            let told = format!("{id} is removed; {rows} events were not delivered");
            tell(json, &json!({ "id": id, "removed": true, "undelivered": rows }), told)
        }
        WebhookVerb::Resume { id } => match webhooks.resume(*id).await? {
            true => tell(json, &json!({ "id": id, "resumed": true }), format!("{id} goes on")),
            false => missing(*id),
        },
        WebhookVerb::Test { id } => match webhooks.trial(&credential(pool, config).await?, *id).await? {
            Some(trial) => test(trial, json).await,
            None => missing(*id),
        },
    }
}

/// Seals the secrets of webhooks.
async fn credential(pool: &PgPool, config: &Config) -> Result<[u8; 32], Failure> {
    let key = synctv_postgres::credential(pool, config.credential_key.as_deref()).await?;
    key.ok_or_else(|| {
        "the key that seals the secret is not known: give SYNCTV_CREDENTIAL_KEY as the servers have it, or start a server first".into()
    })
}

fn missing(id: WebhookId) -> Result<Outcome, Failure> {
    Err(format!("there is no webhook {id}").into())
}

fn tell(json: bool, value: &Value, text: String) -> Result<Outcome, Failure> {
    say(if json { value.to_string() } else { text })?;
    Ok(Outcome::Done)
}

async fn add(
    webhooks: &PgWebhooks,
    credential: &[u8; 32],
    (url, types): (&str, &[String]),
    json: bool,
) -> Result<Outcome, Failure> {
    let added = webhooks.add(credential, url, types).await?;
    let (id, after, secret) = (added.id, added.after, shown(&added.secret));
    let value = json!({ "id": id, "url": url, "types": types, "after": after, "secret": secret });
    let text = format!("{id}: events after position {after} are sent to {url}\nsecret, not shown again: {secret}");
    tell(json, &value, text)
}

async fn list(webhooks: &PgWebhooks, json: bool) -> Result<Outcome, Failure> {
    let all = webhooks.list().await?;
    let text = match all.is_empty() {
        true => "there is no webhook".to_owned(),
        false => table(["ID", "STATE", "TYPES", "URL"], &all.iter().map(row).collect::<Vec<_>>()),
    };
    tell(json, &json!({ "webhooks": all }), text)
}

fn row(webhook: &Webhook) -> ([String; 4], Vec<String>) {
    let (state, note) = match &webhook.paused {
        None => ("on", None),
        Some(paused) => ("paused", Some(format!("since {}: {}", paused.at, paused.why))),
    };
    let types = if webhook.types.is_empty() { "all".to_owned() } else { webhook.types.join(",") };
    ([webhook.id.to_string(), state.to_owned(), types, webhook.url.clone()], note.into_iter().collect())
}

async fn test(Trial { target, id, at, log_id }: Trial, json: bool) -> Result<Outcome, Failure> {
    let event = json!({
        "specversion": "1.0",
        "id": id,
        "source": format!("urn:synctv:log:{log_id}"),
        "type": "synctv.webhook.test",
        "time": at,
        "datacontenttype": "application/json",
        "data": { "webhook": target.id },
    });
    let (taken, answer) = match Sender::default().send(&target, &id, at.ms(), event.to_string().into_bytes()).await {
        Answer::Taken => (true, "taken".to_owned()),
        Answer::Gone => (false, "answered 410 Gone".to_owned()),
        Answer::Refused { error, .. } => (false, error),
    };
    let value = json!({ "id": target.id, "event": id, "taken": taken, "answer": answer });
    tell(json, &value, format!("{}: {answer}", target.id))?;
    Ok(if taken { Outcome::Done } else { Outcome::Found })
}

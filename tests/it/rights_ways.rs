//! The ways in which the commands of the table of rights are given, and what has to be the same on each.

use serde_json::{Value, json};
use synctv_proto::json::from_json;
use synctv_proto::v1;
use tonic::Code;

use crate::rights_stage::{OUTSIDE, Stage};
use crate::support::{Answer, Ended, Failure, Grpc, Guest, Socket, Typed, code_of};

/// How a command is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// REST, and nothing is stored.
    Told,
    /// A call, and nothing is stored.
    CallTold,
    Rest,
    Call,
    /// A socket of JSON.
    Socket,
    /// A socket of messages.
    TypedSocket,
    /// A session over a stream.
    Session,
}

/// All of them; the others are compared with the first one.
pub const WAYS: [Way; 7] =
    [Way::Rest, Way::Told, Way::CallTold, Way::Call, Way::Socket, Way::TypedSocket, Way::Session];

impl Way {
    /// Whether it changes the room.
    pub fn is_real(self) -> bool {
        !matches!(self, Self::Told | Self::CallTold)
    }

    fn is_typed(self) -> bool {
        matches!(self, Self::CallTold | Self::Call | Self::TypedSocket | Self::Session)
    }

    /// Whether only members can go it, whatever they would say.
    pub fn is_closed_to(self, actor: &str) -> bool {
        matches!(self, Self::Socket | Self::TypedSocket | Self::Session) && OUTSIDE.contains(&actor)
    }
}

/// Somebody's connection to a room.
pub enum Open {
    Json(Box<Socket>),
    Typed(Typed),
}

impl Open {
    pub async fn new((who, call): &(Guest, Grpc), room: &str, way: Way) -> Self {
        match way {
            Way::TypedSocket => Self::Typed(who.typed_socket(room).await),
            Way::Session => Self::Typed(call.session(room).await.expect("it is let in")),
            _ => Self::Json(Box::new(who.socket(room).await)),
        }
    }

    pub async fn answer(&mut self, id: u64, command: &Value) -> Answer {
        let socket = match self {
            Self::Typed(typed) => return typed.answer(id, command, None).await,
            Self::Json(socket) => socket,
        };
        socket.tell(json!({ "id": id, "command": command })).await;
        let reply = socket.until("reply").await;
        assert_eq!(reply["id"], json!(id), "{reply:#}");
        match reply.get("problem") {
            Some(problem) => Answer { status: problem["status"].as_u64().unwrap_or(0) as u16, body: problem.clone() },
            None => Answer { status: 200, body: reply },
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Got {
    /// As REST has it.
    pub answer: Answer,
    /// Of a call; it tells no status.
    code: Option<Code>,
}

impl Got {
    fn of_call(done: Result<Value, Failure>) -> Self {
        match done {
            Ok(body) => Self { answer: Answer { status: 200, body }, code: Some(Code::Ok) },
            Err(failure) => Self { answer: failure.answer(0), code: Some(failure.code) },
        }
    }
}

impl From<Answer> for Got {
    fn from(answer: Answer) -> Self {
        Self { answer, code: None }
    }
}

/// Gives the command.
pub async fn give(stage: &mut Stage<'_>, actor: &str, command: &Value, way: Way) -> Got {
    let (who, call) = stage.people.both(actor);
    let path = format!("/v1/rooms/{}", stage.room);
    match way {
        Way::Told => who.post(&format!("{path}/commands?validate_only=true"), command).await.into(),
        Way::Rest => who.post(&format!("{path}/commands"), command).await.into(),
        Way::CallTold => Got::of_call(call.told(&stage.room, command).await),
        Way::Call => Got::of_call(call.command(&stage.room, command).await),
        Way::Session if way.is_closed_to(actor) => {
            let mut session = call.session(&stage.room).await.expect("the room is named later");
            match session.next().await {
                Err(Ended::Call(failure)) => Got::of_call(Err(*failure)),
                heard => panic!("{actor} is in a session: {heard:?}"),
            }
        }
        way if way.is_closed_to(actor) => who.post(&format!("{path}/tickets"), &json!({ "use": "ws" })).await.into(),
        way => stage.over(actor, command, way).await.into(),
    }
}

/// Where an answer says something else than the one over REST.
pub fn difference(way: Way, rest: &Got, other: &Got) -> Option<String> {
    let (rest, code, other) = (&rest.answer, other.code, &other.answer);
    let same = match code {
        Some(code) => code == code_of(rest.status),
        None => other.status == rest.status,
    };
    if !same {
        return Some(format!("{} over REST, {code:?} {}", rest.status, other.status));
    }
    let (rest, other) = (comparable(&rest.body, way), comparable(&other.body, way));
    (rest != other).then(|| format!("over REST {rest}, but {other}"))
}

/// Where the events of an answer are others than those in the log, to the letter.
pub async fn unlogged(stage: &Stage<'_>, way: Way, answer: &Answer) -> Option<String> {
    let seqs = answer.seqs();
    let page = format!("/v1/rooms/{}/events?after={}&limit={}", stage.room, seqs[0] - 1, seqs.len());
    let logged = stage.people.get("owner").get(&page).await.ok()["events"].take();
    let told = &answer.body["events"];
    let same = if way.is_typed() { message(told) == message(&logged) } else { *told == logged };
    (!same).then(|| format!("told {told}, but stored {logged}"))
}

/// Where JSON has null or an empty list, a message may have nothing.
fn message(events: &Value) -> v1::RoomsCommandResponse {
    from_json(&json!({ "events": events })).unwrap_or_else(|mismatch| panic!("{events}: {mismatch}"))
}

/// What does not depend on when it was asked.
fn comparable(body: &Value, way: Way) -> Value {
    let Some(body) = body.as_object() else { return body.clone() };
    let told = |name: &str| {
        // Without having been done, there is no secret.
        !["type", "title", "status", "detail", "id"].contains(&name) && (way.is_real() || name != "secret")
    };
    let fields = body.iter().filter(|(name, _)| told(name)).map(|(name, value)| (name.clone(), parsed(value)));
    plain("", &Value::Object(fields.collect()))
}

/// Beside a code, calls tell what is no text as the text of its JSON.
fn parsed(value: &Value) -> Value {
    let parsed = value.as_str().filter(|text| text.starts_with(['[', '{'])).map(serde_json::from_str);
    parsed.and_then(Result::ok).unwrap_or_else(|| value.clone())
}

/// Without what is another one each time.
fn plain(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let said = fields.iter().filter(|(_, value)| !value.is_null() && **value != json!([]));
            Value::Object(said.map(|(name, value)| (name.clone(), plain(name, value))).collect())
        }
        Value::Array(values) => values.iter().map(|value| plain(name, value)).collect(),
        Value::Number(_) if name.ends_with("_ms") || ["seq", "position", "event", "current"].contains(&name) => {
            json!("a number")
        }
        Value::String(text) => json!(plain_text(name, text)),
        other => other.clone(),
    }
}

fn plain_text<'a>(name: &'a str, text: &'a str) -> &'a str {
    let is_ulid =
        |id: &str| id.len() == 26 && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    match text.split_once('_') {
        Some((prefix, id)) if is_ulid(id) => prefix,
        _ if text.len() == 27 && text.ends_with('Z') => "an instant",
        _ if ["name", "title", "text", "token", "key", "command_id"].contains(&name) => "a text",
        _ => text,
    }
}

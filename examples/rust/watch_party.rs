//! A watch party over gRPC: a film is put on and talked about within one session, and a lost connection costs nobody a word.
//!
//! `cargo run --example watch_party -- 127.0.0.1:8080`

use std::collections::VecDeque;
use std::error::Error;
use std::time::Duration;

use futures::channel::mpsc::{UnboundedSender, unbounded};
use synctv_proto::v1::command::Command as Arm;
use synctv_proto::v1::guests_client::GuestsClient;
use synctv_proto::v1::reply::Outcome;
use synctv_proto::v1::rooms_client::RoomsClient;
use synctv_proto::v1::session_client::SessionClient;
use synctv_proto::v1::session_request::Ask;
use synctv_proto::v1::session_response::Message;
use synctv_proto::v1::{self, from::From as Begin};
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};

const LINES: u64 = 60;
/// Bytes of a message: a room may be larger than the 4 MiB that gRPC takes by itself.
const LARGEST: usize = 64 << 20;
/// Until the next try, if the server does not say.
const PAUSE: Duration = Duration::from_millis(300);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let seen = run(&host).await?;
    let (first, last) = (seen.start + 1, seen.seqs.last().copied().unwrap_or(seen.start));
    assert!(seen.seqs.iter().copied().eq(first..=last), "{seen:?}");
    println!("{} events from {first} to {last}: each of them once, with {} cuts", seen.seqs.len(), seen.cuts);
    Ok(())
}

/// What somebody saw of a room.
#[derive(Debug, Default)]
pub struct Seen {
    /// The room's version when they began.
    pub start: i64,
    /// Which events, in the order they came.
    pub seqs: Vec<i64>,
    /// How often the connection was lost.
    pub cuts: usize,
    /// What was refused, by its code.
    pub refused: Vec<String>,
    /// Why something was asked again, by its code.
    pub again: Vec<String>,
    resume_token: String,
}

/// A party, from the first guest to the last line.
pub async fn run(host: &str) -> Result<Seen, Box<dyn Error>> {
    let channel = Endpoint::from_shared(format!("http://{host}"))?.connect_lazy();
    let wanted = v1::GuestsCreateRequest { display_name: Some("Ben".to_owned()) };
    let ben = GuestsClient::new(channel.clone()).create(wanted).await?.into_inner();
    let (mut seen, mut orders) = (Seen::default(), party());
    let room = make_room(&channel, &ben.access_token, &mut seen.again).await?;
    while let Err(status) = session(&channel, (&ben.access_token, &room), &mut orders, &mut seen).await {
        println!("cut: {}", reason(&status));
        let pause = pause(&status).ok_or(status)?;
        seen.cuts += 1;
        tokio::time::sleep(pause).await;
    }
    Ok(seen)
}

/// Makes a room, once, however often it has to be asked for.
async fn make_room(channel: &Channel, token: &str, again: &mut Vec<String>) -> Result<String, Status> {
    let (rule, visibility) = (v1::JoinRule::Public.into(), v1::Visibility::Unlisted.into());
    let name = Some("Friday".to_owned());
    let wanted =
        v1::RoomsCreateRequest { name, join_rule: Some(rule), visibility: Some(visibility), ..Default::default() };
    loop {
        let mut request = by(token, wanted.clone())?;
        request.metadata_mut().insert("idempotency-key", MetadataValue::from_static("room"));
        let status = match RoomsClient::new(channel.clone()).create(request).await {
            Ok(made) => return Ok(made.into_inner().room_id),
            Err(status) => status,
        };
        again.push(reason(&status));
        tokio::time::sleep(pause(&status).ok_or(status)?).await;
    }
}

/// What is said, in order. A seek without anything to play is refused, and the party goes on.
fn party() -> VecDeque<(u64, Arm)> {
    let film = v1::PlaylistAddCommand { url: Some("https://media.example/film.mp4".to_owned()), ..Default::default() };
    let seek = v1::PlaybackSeekCommand { position_ms: Some(60_000), expected_item: None };
    let line = |number| v1::ChatPostCommand { text: Some(format!("line {number}")), reply_to: None };
    let lines = (1..=LINES).map(|number| Arm::ChatPost(line(number)));
    let begin = [
        Arm::PlaybackSeek(seek),
        Arm::PlaylistAdd(film),
        Arm::PlaybackNext(v1::PlaybackNextCommand::default()),
        Arm::PlaybackPlay(v1::PlaybackPlayCommand::default()),
    ];
    (1..).zip(begin.into_iter().chain(lines)).collect()
}

/// Until all is answered. What was asked and not answered is asked again under its key, and done once.
async fn session(
    channel: &Channel,
    (token, room): (&str, &str),
    orders: &mut VecDeque<(u64, Arm)>,
    seen: &mut Seen,
) -> Result<(), Status> {
    let (to_server, asks) = unbounded();
    ask(&to_server, 0, Ask::Open(v1::Open { room_id: Some(room.to_owned()) }));
    let begin = match &*seen.resume_token {
        "" => Begin::Snapshot(()),
        token => Begin::ResumeToken(token.to_owned()),
    };
    ask(&to_server, 0, Ask::Subscribe(v1::Subscribe { from: Some(v1::From { from: Some(begin) }) }));
    let mut client = SessionClient::new(channel.clone()).max_decoding_message_size(LARGEST);
    let mut answers = client.session(by(token, asks)?).await?.into_inner();
    order(&to_server, orders.front(), Duration::ZERO);
    while !orders.is_empty() {
        let said = answers.message().await?.ok_or_else(|| Status::unavailable("the stream ended"))?;
        if !said.resume_token.is_empty() {
            seen.resume_token.clone_from(&said.resume_token);
        }
        match said.message {
            Some(Message::Snapshot(snapshot)) => {
                seen.start = snapshot.room.map_or(0, |room| room.seq);
                seen.seqs.clear();
            }
            Some(Message::Resumed(resumed)) => println!("resumed; the room is at {}", resumed.to),
            Some(Message::Event(event)) => seen.seqs.push(event.seq),
            // The log was replaced by an older one: the next session begins with the room as it is.
            Some(Message::Reset(_)) => {
                seen.resume_token.clear();
                return Err(Status::aborted("what was seen does not hold any more"));
            }
            Some(Message::Drain(drain)) => {
                let wait = ErrorDetails::with_retry_info(Some(Duration::from_millis(
                    drain.retry_after_ms.try_into().unwrap_or_default(),
                )));
                return Err(Status::with_error_details(Code::Unavailable, "the server is about to stop", wait));
            }
            // Its events came before it.
            Some(Message::Reply(reply)) if orders.front().is_some_and(|(id, _)| *id == reply.id) => {
                let mut wait = Duration::ZERO;
                match reply.outcome {
                    Some(Outcome::Problem(problem)) if matches!(problem.status, 429 | 503) => {
                        wait = problem.retry_after_ms.map_or(PAUSE, |ms| Duration::from_millis(ms.into()));
                        seen.again.push(problem.code);
                    }
                    Some(Outcome::Problem(problem)) => {
                        seen.refused.push(problem.code);
                        orders.pop_front();
                    }
                    _ => drop(orders.pop_front()),
                }
                order(&to_server, orders.front(), wait);
            }
            _ => {}
        }
    }
    Ok(())
}

fn order(to_server: &UnboundedSender<v1::SessionRequest>, next: Option<&(u64, Arm)>, wait: Duration) {
    if let Some((id, arm)) = next.cloned() {
        let (to_server, key) = (to_server.clone(), Some(format!("order {id}")));
        let command = Some(v1::Command { command: Some(arm) });
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            ask(&to_server, id, Ask::Command(v1::Order { command, key, ..Default::default() }));
        });
    }
}

fn ask(to_server: &UnboundedSender<v1::SessionRequest>, id: u64, ask: Ask) {
    // A session that has ended tells so by its answers.
    let _ = to_server.unbounded_send(v1::SessionRequest { id, ask: Some(ask) });
}

/// A call with a token.
fn by<T>(token: &str, message: T) -> Result<Request<T>, Status> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {token}").parse().map_err(|_| Status::internal("the token is no header"))?;
    request.metadata_mut().insert("authorization", bearer);
    Ok(request)
}

/// The stable code of a failure, as over REST; if the connection failed, gRPC's own name for that.
fn reason(status: &Status) -> String {
    status.get_details_error_info().map_or_else(|| format!("{:?}", status.code()), |info| info.reason)
}

/// How long until the next try: as the server says, or a moment. None: no other try can mend it.
fn pause(status: &Status) -> Option<Duration> {
    let passing = match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Aborted => true,
        // Without a code of the server's own, the connection failed.
        Code::Unknown | Code::Internal | Code::Cancelled => status.get_details_error_info().is_none(),
        _ => false,
    };
    status.get_details_retry_info().and_then(|info| info.retry_delay).or(passing.then_some(PAUSE))
}

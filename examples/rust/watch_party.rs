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
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

const LINES: u64 = 60;

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
    resume_token: String,
}

/// A party, from the first guest to the last line.
pub async fn run(host: &str) -> Result<Seen, Box<dyn Error>> {
    let channel = Endpoint::from_shared(format!("http://{host}"))?.connect_lazy();
    let wanted = v1::GuestsCreateRequest { display_name: Some("Ben".to_owned()) };
    let ben = GuestsClient::new(channel.clone()).create(wanted).await?.into_inner();
    let wanted = v1::RoomsCreateRequest {
        name: Some("Friday".to_owned()),
        join_rule: Some(v1::JoinRule::Public.into()),
        visibility: Some(v1::Visibility::Unlisted.into()),
        ..Default::default()
    };
    let made = RoomsClient::new(channel.clone()).create(by(&ben.access_token, wanted)?).await?.into_inner();

    let (mut seen, mut orders) = (Seen::default(), party());
    while let Err(status) = session(&channel, (&ben.access_token, &made.room_id), &mut orders, &mut seen).await {
        // Of a status of the server: what is to be mended is not worth another try.
        let worth_it = matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled);
        println!("cut: {}", reason(&status));
        if !worth_it {
            return Err(status.into());
        }
        seen.cuts += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(seen)
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
    let mut answers = SessionClient::new(channel.clone()).session(by(token, asks)?).await?.into_inner();
    order(&to_server, orders.front());
    while !orders.is_empty() {
        let said = answers.message().await?.ok_or_else(|| Status::unavailable("the stream ended"))?;
        if !said.resume_token.is_empty() {
            seen.resume_token.clone_from(&said.resume_token);
        }
        match said.message {
            Some(Message::Snapshot(snapshot)) => seen.start = snapshot.room.map_or(0, |room| room.seq),
            Some(Message::Resumed(resumed)) => println!("resumed; the room is at {}", resumed.to),
            Some(Message::Event(event)) => seen.seqs.push(event.seq),
            // Its events came before it.
            Some(Message::Reply(reply)) if orders.front().is_some_and(|(id, _)| *id == reply.id) => {
                if let Some(Outcome::Problem(problem)) = reply.outcome {
                    println!("refused: {}", problem.code);
                    seen.refused.push(problem.code);
                }
                orders.pop_front();
                order(&to_server, orders.front());
            }
            _ => {}
        }
    }
    Ok(())
}

fn order(to_server: &UnboundedSender<v1::SessionRequest>, next: Option<&(u64, Arm)>) {
    if let Some((id, arm)) = next {
        let command = Some(v1::Command { command: Some(arm.clone()) });
        let key = Some(format!("order {id}"));
        ask(to_server, *id, Ask::Command(v1::Order { command, key, ..Default::default() }));
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

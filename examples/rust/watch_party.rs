//! A watch party over gRPC: a film is put on and talked about within one session, and a lost connection costs nobody a word.
//!
//! `cargo run --example watch_party -- 127.0.0.1:8080`

use std::collections::VecDeque;
use std::error::Error;
use std::time::Duration;

use futures::channel::mpsc::{UnboundedSender, unbounded};
use synctv_proto::v1::{self, command::Command as Arm, from::From as Begin, reply::Outcome};
use synctv_proto::v1::{guests_client::GuestsClient, rooms_client::RoomsClient, session_client::SessionClient};
use synctv_proto::v1::{session_request::Ask, session_response::Message};
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

mod call;

const LINES: u64 = 60;
/// Bytes of a message: a room may be larger than the 4 MiB that gRPC takes by itself.
const LARGEST: usize = 64 << 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let seen = run(&host).await?;
    let (first, last) = (seen.start + 1, seen.seqs.last().copied().unwrap_or(seen.start));
    assert!(seen.seqs.iter().copied().eq(first..=last), "{seen:?}");
    println!("{} events from {first} to {last}: each of them once, with {} cuts", seen.seqs.len(), seen.cuts);
    println!("refused: {:?}; asked again: {:?}", seen.refused, seen.again);
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
    place: Option<v1::From>,
}

/// A party, from the first guest to the last line.
pub async fn run(host: &str) -> Result<Seen, Box<dyn Error>> {
    let channel = Endpoint::from_shared(format!("http://{host}"))?.connect_lazy();
    let wanted = v1::GuestsCreateRequest { display_name: Some("Ben".to_owned()) };
    let ben = GuestsClient::new(channel.clone()).create(wanted).await?.into_inner();
    let (mut seen, mut orders) = (Seen::default(), party());
    let wanted = v1::RoomsCreateRequest {
        name: Some("Friday".to_owned()),
        join_rule: Some(v1::JoinRule::Public.into()),
        visibility: Some(v1::Visibility::Unlisted.into()),
        ..Default::default()
    };
    let mut rooms = RoomsClient::new(channel.clone());
    let making = async || rooms.create(call::keyed(&ben.access_token, "room", wanted.clone())?).await;
    let room = call::answered(&mut seen.again, making).await?.room_id;
    while let Err(status) = session(&channel, (&ben.access_token, &room), &mut orders, &mut seen).await {
        println!("cut: {}", call::reason(&status));
        let pause = call::pause(&status).ok_or(status)?;
        seen.cuts += 1;
        tokio::time::sleep(pause).await;
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
    call::ask(&to_server, 0, Ask::Open(v1::Open { room_id: Some(room.to_owned()) }));
    call::ask(&to_server, 0, Ask::Subscribe(v1::Subscribe { from: seen.place.clone() }));
    let mut client = SessionClient::new(channel.clone()).max_decoding_message_size(LARGEST);
    let mut answers = client.session(call::by(token, asks)?).await?.into_inner();
    order(&to_server, orders.front(), Duration::ZERO);
    while !orders.is_empty() {
        let said = answers.message().await?.ok_or_else(|| Status::unavailable("the stream ended"))?;
        if !said.resume_token.is_empty() {
            seen.place = Some(v1::From { from: Some(Begin::ResumeToken(said.resume_token)) });
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
                seen.place = None;
                return Err(Status::aborted("what was seen does not hold any more"));
            }
            Some(Message::Drain(drain)) => return Err(call::drained(drain)),
            // Its events came before it.
            Some(Message::Reply(reply)) if orders.front().is_some_and(|(id, _)| *id == reply.id) => {
                let mut wait = None;
                if let Some(Outcome::Problem(problem)) = reply.outcome {
                    wait = call::lull(&problem);
                    if wait.is_some() { &mut seen.again } else { &mut seen.refused }.push(problem.code);
                }
                if wait.is_none() {
                    orders.pop_front();
                }
                order(&to_server, orders.front(), wait.unwrap_or_default());
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
            call::ask(&to_server, id, Ask::Command(v1::Order { command, key, ..Default::default() }));
        });
    }
}

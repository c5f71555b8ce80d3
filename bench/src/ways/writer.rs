//! Somebody who commands.

use futures::channel::mpsc::{UnboundedSender, unbounded};
use serde_json::json;
use synctv_proto::v1;
use synctv_proto::v1::command::Command as Arm;
use synctv_proto::v1::reply::Outcome;
use synctv_proto::v1::rooms_client::RoomsClient;
use synctv_proto::v1::session_client::SessionClient;
use synctv_proto::v1::session_request::Ask;
use synctv_proto::v1::session_response::Message;
use tonic::transport::Channel;
use tonic::{Request, Streaming};

use super::Way;
use super::reader::{by, channel, failed};
use crate::delivery::{Guest, Socket};
use crate::drive::Worker;
use crate::failure::Failure;

/// Over a connection of their own.
pub enum Writer {
    Rest { guest: Guest, room: String },
    Socket { socket: Socket, id: u64 },
    Grpc { rooms: RoomsClient<Channel>, token: String, room: String },
    Session { asks: UnboundedSender<v1::SessionRequest>, answers: Box<Streaming<v1::SessionResponse>>, id: u64 },
}

impl Writer {
    pub async fn open(way: Way, guest: &Guest, room: String) -> Result<Self, Failure> {
        Ok(match way {
            Way::Rest => Self::Rest { guest: guest.apart(), room },
            Way::Socket => Self::Socket { socket: guest.socket(&room).await?, id: 0 },
            Way::Grpc => {
                let rooms = RoomsClient::new(channel(guest).await?);
                Self::Grpc { rooms, token: guest.token.clone(), room }
            }
            Way::Session => {
                let (asks, said) = unbounded();
                let session = SessionClient::new(channel(guest).await?).session(by(&guest.token, said)?).await;
                let answers = Box::new(session.map_err(|status| failed(&status))?.into_inner());
                ask(&asks, 0, Ask::Open(v1::Open { room_id: Some(room) }));
                Self::Session { asks, answers, id: 0 }
            }
        })
    }

    /// Lets a socket hear of its room as well.
    pub async fn follow(&mut self) -> Result<(), Failure> {
        if let Self::Socket { socket, .. } = self {
            socket.tell("{\"subscribe\":{\"from\":\"now\"}}".to_owned()).await?;
            socket.hear().await?;
        }
        Ok(())
    }
}

impl Worker for Writer {
    async fn step(&mut self) -> Result<bool, Failure> {
        match self {
            Self::Rest { guest, room } => guest.say(room, "x").await.map(|_| true),
            Self::Socket { socket, id } => {
                *id += 1;
                let command = json!({ "type": "chat.post", "text": "x" });
                socket.tell(json!({ "id": *id, "command": command }).to_string()).await?;
                answered(socket).await
            }
            Self::Grpc { rooms, token, room } => {
                let command = Some(chat());
                let request = v1::RoomsCommandRequest { room_id: room.clone(), command, ..Default::default() };
                let request: Request<_> = by(token, request)?;
                rooms.command(request).await.map(|_| true).map_err(|status| failed(&status))
            }
            Self::Session { asks, answers, id } => {
                *id += 1;
                ask(asks, *id, Ask::Command(v1::Order { command: Some(chat()), ..Default::default() }));
                done(answers).await
            }
        }
    }
}

fn chat() -> v1::Command {
    let post = v1::ChatPostCommand { text: Some("x".to_owned()), reply_to: None };
    v1::Command { command: Some(Arm::ChatPost(post)) }
}

fn ask(asks: &UnboundedSender<v1::SessionRequest>, id: u64, ask: Ask) {
    // A session that has ended tells so by its answers.
    let _ = asks.unbounded_send(v1::SessionRequest { id, ask: Some(ask) });
}

/// The next reply, behind whatever else is told.
async fn answered(socket: &mut Socket) -> Result<bool, Failure> {
    loop {
        let text = socket.hear().await?;
        if text.starts_with("{\"reply\"") {
            let refused = text.contains("\"problem\"");
            return if refused { Err(Failure::Delivery(text.to_string())) } else { Ok(true) };
        }
    }
}

async fn done(answers: &mut Streaming<v1::SessionResponse>) -> Result<bool, Failure> {
    loop {
        let said = answers.message().await.map_err(|status| failed(&status))?;
        match said.and_then(|said| said.message) {
            Some(Message::Reply(v1::Reply { outcome: Some(Outcome::Done(_)), .. })) => return Ok(true),
            Some(Message::Reply(reply)) => return Err(Failure::Delivery(format!("{reply:?}"))),
            Some(_) => {}
            None => return Err(Failure::Delivery("the session ended".to_owned())),
        }
    }
}

//! The least that a broadcaster over WebSockets can be: what is posted goes to everybody.

use std::net::Ipv4Addr;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::broadcast;

type Everybody = broadcast::Sender<Utf8Bytes>;

/// Until killed.
pub async fn serve() -> std::io::Result<()> {
    let everybody: Everybody = broadcast::Sender::new(4096);
    let routes = Router::new().route("/ws", get(listen)).route("/say", post(say)).with_state(everybody);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    eprintln!("listening on {}", listener.local_addr()?);
    axum::serve(listener, routes).await
}

async fn listen(State(everybody): State<Everybody>, upgrade: WebSocketUpgrade) -> Response {
    let mut said = everybody.subscribe();
    upgrade.on_upgrade(async move |mut socket| {
        while let Ok(text) = said.recv().await {
            if socket.send(Message::Text(text)).await.is_err() {
                return;
            }
        }
    })
}

async fn say(State(everybody): State<Everybody>, text: String) -> &'static str {
    let _ = everybody.send(text.into());
    "{}"
}

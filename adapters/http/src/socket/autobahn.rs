//! Autobahn's fuzzing client finds no fault with the wire.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::routing::get;
use bytes::Bytes;
use futures::future::join_all;
use synctv_edge::session::End;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio_tungstenite::tungstenite::Message;

use super::pipe::Pipe;
use super::upgrade::Upgrade;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// Bytes of the largest message that the client sends.
const MESSAGE: usize = 16 * 1024 * 1024;
const TEXT: u8 = 1;
const BINARY: u8 = 2;

/// How text goes back.
#[derive(Clone, Copy)]
enum Way {
    /// Framed by the connection, as an answer is.
    Own,
    /// Framed beforehand, as an event is that goes to many.
    Shared,
}

/// A whole frame.
fn frame(kind: u8, payload: &Bytes) -> Bytes {
    let size = payload.len();
    let mut frame = vec![0x80 | kind];
    match (u8::try_from(size), u16::try_from(size)) {
        (Ok(size @ ..126), _) => frame.push(size),
        (_, Ok(size)) => {
            frame.push(126);
            frame.extend(size.to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((size as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame.into()
}

/// The endpoint takes no binary message and says what it wants; the wire under it says back all that it hears.
async fn say_back(pipe: &mut Pipe, way: Way) -> Result<Infallible, End> {
    loop {
        match pipe.message().await? {
            Message::Text(text) => match way {
                Way::Own => {
                    pipe.feed(Message::Text(text)).await?;
                    pipe.flush().await?;
                }
                Way::Shared => pipe.pass_on(frame(TEXT, &text.into())).await?,
            },
            Message::Binary(bytes) => pipe.pass_on(frame(BINARY, &bytes)).await?,
            _ => {}
        }
    }
}

async fn echo(upgrade: Upgrade, way: Way) -> Response<Body> {
    upgrade.accept(MESSAGE, move |socket| async move {
        let mut pipe = Pipe::new(socket);
        let Err(end) = say_back(&mut pipe, way).await;
        if let End::Close(code, reason) = end {
            pipe.close(code, reason).await;
        }
    })
}

/// All cases find no fault; those of size and speed are left to the long run. Installed by `scripts/install.sh --test`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fuzzed_frames_are_echoed_or_refused_as_the_standard_wants() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/own", get(|upgrade| echo(upgrade, Way::Own)))
        .route("/shared", get(|upgrade| echo(upgrade, Way::Shared)));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let without = if std::env::var_os("SYNCTV_TEST_LONG").is_some() { "" } else { "9.*" };
    let runs = ["own", "shared"].map(|way| {
        let mut script = Command::new("scripts/autobahn.sh");
        script.arg(format!("ws://{address}/{way}")).arg(format!("target/autobahn/{way}")).args(["*", without]);
        script.current_dir(ROOT).kill_on_drop(true).output()
    });
    for output in join_all(runs).await {
        let output = output.unwrap();
        let text = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&text));
    }
}

//! Those who watch: what comes is counted and thrown away.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::flv::Tags;
use super::http::{self, Body};
use super::tally::{Eyes, Tally};
use crate::live::orders::{Group, Joined, Seen, Watch, Way};
use crate::live::rtmp::{Chunks, Link, USER_CONTROL, Writer};
use crate::live::source::VIDEO;
use crate::live::stamp;

/// Of all viewers: they read one after the other.
const BUFFER: usize = 64 * 1024;
/// For the first picture.
const PATIENCE: Duration = Duration::from_secs(15);
/// What the system keeps for one that sleeps: little, so that the server notices.
const KEPT: u32 = 64 * 1024;
/// "Are you there?" and "yes", behind which the question's content is repeated.
const PING: [u8; 2] = [0, 6];
const PONG: [u8; 2] = [0, 7];

thread_local! {
    static SHARED: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
}

#[derive(Default)]
pub struct Viewers {
    tasks: RefCell<JoinSet<()>>,
    steady: RefCell<Tally>,
    sleepers: RefCell<Tally>,
    asleep: watch::Sender<bool>,
}

/// How bytes become frames.
enum Parser {
    Flv(Body, Tags),
    Rtmp(Chunks, Writer),
}

impl Viewers {
    /// Until each has seen a picture, or will see none.
    pub async fn watch(self: &Rc<Self>, order: Watch) -> Joined {
        let (tell, mut told) = mpsc::unbounded_channel();
        let between = Duration::from_millis(order.within_ms.into()) / order.count.max(1);
        let order = Rc::new(order);
        let began = Instant::now();
        for number in 0..order.count {
            let (all, order, tell) = (Rc::clone(self), Rc::clone(&order), tell.clone());
            let sight = async move {
                sleep((between * number).saturating_sub(began.elapsed())).await;
                if let Err(why) = all.see(&order, &tell).await {
                    let _ = tell.send(Err(why));
                }
                all.of(order.group).borrow_mut().close();
            };
            self.tasks.borrow_mut().spawn_local(sight);
        }
        let mut joined = Joined { first_ms: Vec::new(), failed: Vec::new() };
        for _ in 0..order.count {
            match timeout(PATIENCE, told.recv()).await {
                Ok(Some(Ok(first))) => joined.first_ms.push(Duration::as_secs_f64(&first) * 1000.0),
                Ok(Some(Err(why))) => joined.failed.push(why),
                Ok(None) | Err(_) => joined.failed.push("no picture".to_owned()),
            }
        }
        joined.first_ms.sort_by(f64::total_cmp);
        joined
    }

    pub fn take(&self, group: Group) -> Seen {
        Tally::take(self.of(group))
    }

    pub fn sleep(&self, asleep: bool) {
        self.asleep.send_replace(asleep);
    }

    fn of(&self, group: Group) -> &RefCell<Tally> {
        match group {
            Group::Steady => &self.steady,
            Group::Sleepers => &self.sleepers,
        }
    }

    /// Until it is closed. Tells once when it has seen something.
    async fn see(&self, order: &Watch, tell: &mpsc::UnboundedSender<Result<Duration, String>>) -> Result<(), String> {
        let (mut eyes, tally) = (Eyes::open(), self.of(order.group));
        let (mut tcp, mut parser) = open(order, &mut eyes, tally).await?;
        let mut asleep = (order.group == Group::Sleepers).then(|| self.asleep.subscribe());
        let mut told = false;
        loop {
            if let Some(asleep) = &mut asleep {
                let _ = asleep.wait_for(|asleep| !asleep).await;
            }
            let (count, pong) = hear(&mut tcp, |bytes| parser.feed(bytes, &mut eyes, tally)).await.map_err(text)?;
            if count == 0 {
                return Err("it was closed".to_owned());
            }
            if let Some(pong) = pong {
                tcp.write_all(&pong).await.map_err(text)?;
            }
            if let Some(first) = eyes.first.filter(|_| !told) {
                told = true;
                let _ = tell.send(Ok(first));
            }
        }
    }
}

/// Whether what has come already is enough, is seen with what comes next.
async fn open(order: &Watch, eyes: &mut Eyes, tally: &RefCell<Tally>) -> Result<(TcpStream, Parser), String> {
    match &order.way {
        Way::Flv { path, token } => {
            let socket = TcpSocket::new_v4().map_err(text)?;
            if order.group == Group::Sleepers {
                socket.set_recv_buffer_size(KEPT).map_err(text)?;
            }
            let mut tcp = socket.connect(order.address.parse().map_err(text)?).await.map_err(text)?;
            let (body, come) = http::get(&mut tcp, path, token).await?;
            let mut parser = Parser::Flv(body, Tags::default());
            parser.feed(&come, eyes, tally);
            Ok((tcp, parser))
        }
        Way::Rtmp { app, key } => {
            let mut link = Link::open(&order.address, app, 4096).await?;
            link.play(key).await?;
            let now = (Instant::now(), stamp::now_us());
            for (kind, content) in std::mem::take(&mut link.heard) {
                frame((kind, &content), eyes, now, &mut tally.borrow_mut());
            }
            Ok((link.tcp, Parser::Rtmp(link.chunks, link.writer)))
        }
    }
}

/// Reads what there is, into the buffer of all.
async fn hear<T>(tcp: &mut TcpStream, mut eat: impl FnMut(&[u8]) -> T) -> std::io::Result<(usize, T)> {
    let mut tcp = std::pin::pin!(tcp);
    std::future::poll_fn(|context| {
        SHARED.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            match tcp.as_mut().poll_read(context, &mut buffer) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) => Poll::Ready(Ok((buffer.filled().len(), eat(buffer.filled())))),
            }
        })
    })
    .await
}

impl Parser {
    /// Gives what is to be answered.
    fn feed(&mut self, bytes: &[u8], eyes: &mut Eyes, tally: &RefCell<Tally>) -> Option<Vec<u8>> {
        let (now, mut tally) = ((Instant::now(), stamp::now_us()), tally.borrow_mut());
        tally.received(bytes.len());
        let mut pong = None;
        match self {
            Self::Flv(body, tags) => body.feed(bytes, |content| {
                tags.feed(content, |kind, content| frame((kind, content), eyes, now, &mut tally));
            }),
            Self::Rtmp(chunks, writer) => chunks.feed(bytes, |kind, content| {
                if let Some(asked) = content.strip_prefix(&PING).filter(|_| kind == USER_CONTROL) {
                    let answer = pong.get_or_insert_with(Vec::new);
                    writer.put(answer, (USER_CONTROL, 0, 0), &[&PONG, asked].concat());
                }
                frame((kind, content), eyes, now, &mut tally);
            }),
        }
        pong
    }
}

/// Sequence headers are no pictures.
fn frame((kind, content): (u8, &[u8]), eyes: &mut Eyes, now: (Instant, u64), tally: &mut Tally) {
    if kind == VIDEO && content.get(1) == Some(&1) {
        eyes.picture(stamp::find(content), now, tally);
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

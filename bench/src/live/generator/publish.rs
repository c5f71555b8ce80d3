//! Those who publish: each sends its frames when they are due, whatever became of the ones before.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_local};
use tokio::time::{Instant, sleep, sleep_until};

use crate::live::orders::{Publish, Published, Publishing};
use crate::live::rtmp::{DATA, Link, STREAM, Writer};
use crate::live::source::{Film, Tag, VIDEO};
use crate::live::stamp;

#[derive(Default)]
pub struct Publishers {
    tasks: RefCell<JoinSet<()>>,
    lost: Cell<usize>,
    late: Cell<Duration>,
}

impl Publishers {
    /// Until each was accepted or refused.
    pub async fn publish(self: &Rc<Self>, order: Publish) -> Result<Published, String> {
        let film = Rc::new(Film::read(&order.film)?);
        let (tell, mut told) = mpsc::unbounded_channel();
        let count = order.keys.len();
        let between = Duration::from_millis(order.within_ms) / u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let order = Rc::new(order);
        for number in 0..count {
            let (all, film, order, tell) = (Rc::clone(self), Rc::clone(&film), Rc::clone(&order), tell.clone());
            self.tasks.borrow_mut().spawn_local(async move {
                sleep(between * u32::try_from(number).unwrap_or(u32::MAX)).await;
                let link = begin(&order, &order.keys[number], &film).await;
                let _ = tell.send(link.as_ref().map(drop).map_err(String::clone));
                if let Ok(link) = link {
                    let _ = all.go_on(link, &film).await;
                    all.lost.set(all.lost.get() + 1);
                }
            });
        }
        let mut published = Published { accepted: 0, refused: Vec::new() };
        for _ in 0..count {
            match told.recv().await {
                Some(Err(why)) => published.refused.push(why),
                _ => published.accepted += 1,
            }
        }
        Ok(published)
    }

    pub fn state(&self) -> Publishing {
        Publishing { lost: self.lost.get(), late_ms: self.late.take().as_secs_f64() * 1000.0 }
    }

    /// Ends only with the connection.
    async fn go_on(&self, link: Link, film: &Film) -> std::io::Result<()> {
        let (mut reader, mut tcp) = link.tcp.into_split();
        // What the server acknowledges is of no interest.
        spawn_local(async move {
            let mut buffer = [0; 4096];
            while reader.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
        });
        let (began, mut out, mut content) = (Instant::now(), Vec::new(), Vec::new());
        for (at, tag) in film.endless() {
            let due = began + Duration::from_millis(at.into());
            sleep_until(due).await;
            self.late.set(self.late.get().max(due.elapsed()));
            put(&mut out, &link.writer, (at, tag), &mut content);
            for chunk in link.writer.chunks(&out) {
                tcp.write_all(chunk).await?;
            }
            out.clear();
        }
        Ok(())
    }
}

/// What has to be known comes before the first frame.
async fn begin(order: &Publish, key: &str, film: &Film) -> Result<Link, String> {
    let mut link = Link::open(&order.address, &order.app, order.chunk).await?;
    link.publish(key).await?;
    let mut out = Vec::new();
    // As a string of AMF: for the server to keep, and for those who come later.
    let metadata = [b"\x02\0\x0d@setDataFrame", &*film.metadata].concat();
    link.writer.put(&mut out, (DATA, STREAM, 0), &metadata);
    for Tag { kind, content, .. } in &film.headers {
        link.writer.put(&mut out, (*kind, STREAM, 0), content);
    }
    link.tcp.write_all(&out).await.map_err(|error| error.to_string())?;
    Ok(link)
}

fn put(out: &mut Vec<u8>, writer: &Writer, (at, tag): (u32, &Tag), content: &mut Vec<u8>) {
    let message = (tag.kind, STREAM, at);
    if tag.kind != VIDEO {
        return writer.put(out, message, &tag.content);
    }
    content.clear();
    stamp::put(content, &tag.content, stamp::now_us());
    writer.put(out, message, content);
}

//! Somebody guesses the password of a room, from one address and from many.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::support::{Guest, World, assert_verified, eventually, rounds};

/// Guesses at once, and one more in so many seconds: of one person, from one address, in one room.
const BY_PERSON: (f64, f64) = (5.0, 12.0);
const BY_ADDRESS: (f64, f64) = (10.0, 6.0);
const BY_ROOM: (f64, f64) = (60.0, 5.0);
/// Five times what somebody who chats would notice, because the machine is busy.
const NOTICED: Duration = Duration::from_secs(5);

/// A guess that was looked at, or not.
struct Guess {
    address: IpAddr,
    person: String,
    taken: bool,
}

fn address(number: usize) -> IpAddr {
    Ipv4Addr::new(127, 0, 1, u8::try_from(number + 1).expect("few addresses")).into()
}

async fn room(ann: &Guest) -> String {
    let body = json!({ "name": "r", "join_rule": "password", "visibility": "unlisted", "password": "right" });
    ann.post("/v1/rooms", &body).await.ok()["room_id"].as_str().expect("an id").to_owned()
}

fn right() -> Value {
    json!({ "type": "member.join", "password": "right" })
}

/// Guesses, half of the time without meaning it, until told to stop.
async fn guess(who: Guest, from: IpAddr, room: String, course: Arc<Course>) -> Vec<Guess> {
    let (mut guesses, ways) = (Vec::new(), ["", "?validate_only=true"]);
    while !course.over.load(Ordering::Relaxed) {
        let path = format!("/v1/rooms/{room}/commands{}", ways[guesses.len() % ways.len()]);
        let command = json!({ "type": "member.join", "password": format!("guess {}", guesses.len()) });
        let response = who.request(Method::POST, &path).json(&command).send().await.expect("the server answers");
        let (status, after) = (response.status().as_u16(), response.headers().get("retry-after").cloned());
        let body: Value = response.json().await.expect("a problem");
        let taken = match (status, body["code"].as_str()) {
            (403, Some("wrong_password")) => true,
            (429, Some("rate_limited")) => {
                let seconds = after.and_then(|after| after.to_str().ok()?.parse::<u64>().ok());
                assert!(seconds.is_some_and(|seconds| (1..=60).contains(&seconds)), "{seconds:?} {body:#}");
                assert!(body["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0), "{body:#}");
                false
            }
            _ => panic!("{status} {body:#}"),
        };
        course.taken.fetch_add(usize::from(taken), Ordering::Relaxed);
        guesses.push(Guess { address: from, person: who.id.clone(), taken });
    }
    guesses
}

/// What all guessers share.
#[derive(Default)]
struct Course {
    over: AtomicBool,
    /// Guesses that were looked at.
    taken: AtomicUsize,
}

struct Attack {
    course: Arc<Course>,
    tasks: Vec<JoinHandle<Vec<Guess>>>,
    began: Instant,
}

impl Attack {
    /// From so many addresses, with so many names at each.
    async fn begin(world: &World, room: &str, addresses: usize, names: usize) -> Self {
        let url = &world.server.url;
        let all = (0..addresses * names).map(|number| address(number % addresses));
        let guests = join_all(all.map(async |from| (from, Guest::from_address(from, url, "Eve").await))).await;
        let (course, began) = (Arc::<Course>::default(), Instant::now());
        let start = |(from, who)| tokio::spawn(guess(who, from, room.to_owned(), Arc::clone(&course)));
        Self { tasks: guests.into_iter().map(start).collect(), course, began }
    }

    /// So many guesses were looked at.
    async fn has_used(&self, (burst, _): (f64, f64)) {
        let used = async || (self.course.taken.load(Ordering::Relaxed) as f64 >= burst).then_some(());
        eventually("they have used what they may", used).await;
    }

    /// Ends it: how many guesses were looked at, all within the limits.
    async fn end(self) -> usize {
        self.course.over.store(true, Ordering::Relaxed);
        let guesses: Vec<Guess> =
            join_all(self.tasks).await.into_iter().flat_map(|done| done.expect("no panic")).collect();
        let seconds = self.began.elapsed().as_secs_f64();
        let most = |(burst, every): (f64, f64)| (burst + seconds / every).floor() as usize;
        let taken: Vec<&Guess> = guesses.iter().filter(|guess| guess.taken).collect();
        let (mut people, mut addresses) = (HashMap::new(), HashMap::new());
        for guess in &taken {
            *people.entry(&guess.person).or_insert(0) += 1;
            *addresses.entry(guess.address).or_insert(0) += 1;
        }
        println!("{} of {} guesses were looked at in {seconds:.1} s", taken.len(), guesses.len());
        assert!(people.values().all(|count| *count <= most(BY_PERSON)), "{people:?} in {seconds} s");
        assert!(addresses.values().all(|count| *count <= most(BY_ADDRESS)), "{addresses:?} in {seconds} s");
        assert!(taken.len() <= most(BY_ROOM), "{} in {seconds} s", taken.len());
        assert!(guesses.len() > taken.len(), "nobody was held back");
        taken.len()
    }
}

/// Chats for a while, as fast as one may; how long each message took.
async fn chat(who: &Guest, room: &str, long: Duration) -> Vec<Duration> {
    let (began, mut took) = (Instant::now(), Vec::new());
    while began.elapsed() < long {
        let sent = Instant::now();
        let answer = who.command(room, json!({ "type": "chat.post", "text": "do you hear anything?" })).await;
        if let Some(wait) = answer.body["retry_after_ms"].as_u64() {
            assert_eq!(answer.body["limit"], "chat", "{:#}", answer.body);
            sleep(Duration::from_millis(wait)).await;
        } else {
            answer.ok();
            took.push(sent.elapsed());
        }
    }
    assert!(took.len() >= 10, "{} messages only", took.len());
    took.sort();
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_from_many_addresses_are_few_and_those_inside_do_not_notice() {
    let world = World::with(&[("SYNCTV_RATE_LIMITS", "on")]).await;
    let (ann, ben, cat) = (world.guest("Ann").await, world.guest("Ben").await, world.guest("Cat").await);
    let room = room(&ann).await;
    ben.command(&room, right()).await.ok();
    let invite = ann.command(&room, json!({ "type": "invite.create" })).await.ok()["secret"]["token"].clone();
    let dan = Guest::from_address(address(40), &world.server.url, "Dan").await;
    let attack = Attack::begin(&world, &room, 20, 2).await;
    let long = Duration::from_secs(rounds(4, 30) as u64);
    let (took, ()) = tokio::join!(chat(&ben, &room, long), async {
        attack.has_used(BY_ROOM).await;
        let joined = cat.command(&room, json!({ "type": "member.join", "invite": invite })).await.ok();
        assert_eq!(joined["events"][0]["type"], "member.joined", "{joined:#}");
    });
    let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
    assert!(median < Duration::from_secs(1) && worst < NOTICED, "median {median:?}, worst {worst:?}");
    let looked_at = attack.end().await;
    assert!(looked_at >= BY_ROOM.0 as usize, "{looked_at} guesses only");
    // The attack is over: whoever knows it gets in, after a moment.
    let enters = async || (dan.command(&room, right()).await.status == 200).then_some(());
    eventually("the right password lets in", enters).await;
    assert_verified(&world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_from_one_address_keep_nobody_out_who_comes_from_another() {
    let world = World::with(&[("SYNCTV_RATE_LIMITS", "on")]).await;
    let ann = world.guest("Ann").await;
    let room = room(&ann).await;
    let attack = Attack::begin(&world, &room, 1, 8).await;
    let here = Guest::from_address(address(0), &world.server.url, "Ben").await;
    attack.has_used(BY_ADDRESS).await;
    let wrong = json!({ "type": "member.join", "password": "wrong" });
    let refused = async || (here.command(&room, wrong.clone()).await.body["limit"] == "password_address").then_some(());
    eventually("others at that address have to wait", refused).await;
    for number in 1..=8 {
        let dan = Guest::from_address(address(number), &world.server.url, "Dan").await;
        let joined = dan.command(&room, right()).await.ok();
        assert_eq!(joined["events"][0]["type"], "member.joined", "{joined:#}");
    }
    let looked_at = attack.end().await;
    assert!(looked_at >= BY_ADDRESS.0 as usize, "{looked_at} guesses only");
    assert_verified(&world.database);
}

//! One table of cases, on every way in: who may do what in which room.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;
use synctv_domain::Command;

use crate::rights_cases::TABLES;
use crate::rights_deeds::{After, DEEDS, Deed, find};
use crate::rights_stage::{Configuration, INSIDE, OUTSIDE, People, Stage};
use crate::rights_ways::{Got, WAYS, Way, difference, give, unlogged};
use crate::support::{Answer, World, assert_verified};

/// Rooms for one table at once.
const PARTS: usize = 3;

/// Who does what, and what comes of it.
#[derive(Debug)]
struct Row {
    deed: &'static Deed,
    actor: &'static str,
    expected: &'static str,
}

/// The rows of a table; `rest` stands for every deed that is not named otherwise and has no variant.
fn rows(table: &'static str) -> Vec<Row> {
    let (mut rows, mut deeds): (Vec<Row>, Vec<&Deed>) = (Vec::new(), Vec::new());
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let mut groups = line;
        if !line.starts_with(' ') {
            let (name, more) = line.split_once(' ').unwrap_or((line, ""));
            groups = more;
            let known: BTreeSet<_> = rows.iter().map(|row| row.deed.name).collect();
            let plain = |deed: &&&Deed| is_plain(deed) && !known.contains(deed.name);
            let every: Vec<&Deed> = DEEDS.iter().collect();
            deeds = if name == "rest" { every.iter().filter(plain).copied().collect() } else { vec![find(name)] };
        }
        for group in groups.split(';').map(str::trim).filter(|group| !group.is_empty()) {
            let (actors, expected) = group.rsplit_once(": ").unwrap_or_else(|| panic!("{line}"));
            for actor in actors.split_whitespace().flat_map(named) {
                rows.extend(deeds.iter().map(|deed| Row { deed, actor, expected }));
            }
        }
    }
    rows
}

/// The only deed with this command, or one upon what others have made.
fn is_plain(deed: &Deed) -> bool {
    !deed.name.contains(':') || deed.name.ends_with(":theirs")
}

fn named(actor: &'static str) -> Vec<&'static str> {
    match actor {
        "inside" => INSIDE.to_vec(),
        "outside" => OUTSIDE.to_vec(),
        one => vec![one],
    }
}

/// What an answer is called in the table.
fn outcome(answer: &Answer) -> String {
    let text = |name: &str| answer.body[name].as_str().unwrap_or("?").to_owned();
    match answer.code() {
        "forbidden" => format!("forbidden {} {}", text("permission"), text("decided_by")),
        "ok" if answer.body["events"] == json!([]) => "nothing".to_owned(),
        code => code.to_owned(),
    }
}

/// What a row is answered on every way; what it tells of a change is what the log holds.
async fn run(stage: &mut Stage<'_>, row: &Row) -> Vec<String> {
    let (mut wrong, mut rest) = (Vec::new(), None);
    for way in WAYS {
        let (got, mut faults) = attempt(stage, row, way).await;
        let found = outcome(&got.answer);
        let expected = if way.is_closed_to(row.actor) { "not_a_member" } else { row.expected };
        if found != expected {
            faults.push(format!("{found} ({}) instead of {expected}", got.answer.status));
        }
        match &rest {
            None if (got.answer.status == 200) != ["ok", "nothing"].contains(&&*found) => {
                faults.push(format!("{found} under {}", got.answer.status));
            }
            Some(rest) if !way.is_closed_to(row.actor) => faults.extend(difference(way, rest, &got)),
            _ => {}
        }
        let (room, deed, actor) = (stage.configuration.name, row.deed.name, row.actor);
        wrong.extend(faults.into_iter().map(|fault| format!("{room}: {deed} by {actor}, {way:?}: {fault}")));
        rest.get_or_insert(got);
    }
    wrong
}

async fn attempt(stage: &mut Stage<'_>, row: &Row, way: Way) -> (Got, Vec<String>) {
    if let Some((before, _)) = row.deed.around {
        stage.owner(before).await;
    }
    let (name, fields) = (row.deed.name.split(':').next().unwrap_or_default(), row.deed.fields);
    let mut command = stage.spell(fields, row.actor).await;
    command["type"] = json!(name);
    let got = give(stage, row.actor, &command, way).await;
    let mut faults = Vec::new();
    if way.is_real() && outcome(&got.answer) == "ok" {
        faults.extend(unlogged(stage, way, &got.answer).await);
        restore(stage, row, &got.answer).await;
    }
    if let Some((_, after)) = row.deed.around {
        stage.owner(after).await;
    }
    (got, faults)
}

async fn restore(stage: &mut Stage<'_>, row: &Row, answer: &Answer) {
    if ["room.close", "room.reopen"].contains(&row.deed.name) {
        stage.hang_up();
    }
    match row.deed.after {
        After::Stays => {}
        After::Owner(command) => stage.owner(command).await,
        After::Actor(command) => {
            let command = stage.spell(command, row.actor).await;
            stage.people.get(row.actor).command(&stage.room, command).await.ok();
        }
        After::Target => stage.aim().await,
        After::Out if row.actor == "stranger" && answer.body["events"][0]["type"] == "member.joined" => {
            stage.people.get(row.actor).command(&stage.room, json!({ "type": "member.leave" })).await.ok();
        }
        // Nobody can come back there.
        After::Back | After::Knock | After::Out if ["full", "closed"].contains(&stage.configuration.name) => {
            stage.renew().await;
        }
        After::Back => stage.gather().await,
        After::Knock => stage.knock().await,
        After::Out if row.actor == "knocking" => stage.knock().await,
        After::Out => {
            stage.owner(r#"{"type":"member.reject","member":"$stranger"}"#).await;
            stage.owner(r#"{"type":"member.unban","member":"$stranger"}"#).await;
        }
        After::Revoked => {
            let invite = &answer.body["events"][0]["data"]["invite_id"];
            stage.owner(&json!({ "type": "invite.revoke", "invite_id": invite }).to_string()).await;
        }
        After::Invite => stage.invite().await,
        After::Keyless => {
            let key = &answer.body["events"][0]["data"]["key_id"];
            stage.owner(&json!({ "type": "live.revoke_key", "key_id": key }).to_string()).await;
        }
        After::Key => stage.live_key().await,
        After::Spent(thing) if stage.spend(thing, row.actor) => {}
        After::Fresh | After::Spent(_) => stage.renew().await,
    }
}

/// All rows of a configuration, in a room of its own, and in another one after a deed that nobody can undo.
async fn run_all(people: &People, configuration: Configuration, table: Vec<Row>) -> Vec<String> {
    let mut stage = Stage::new(people, configuration).await;
    let mut wrong = Vec::new();
    for row in &table {
        wrong.extend(run(&mut stage, row).await);
    }
    wrong
}

#[test]
fn the_table_is_whole() {
    let names: BTreeSet<_> = DEEDS.iter().map(|deed| deed.name.split(':').next().unwrap_or_default()).collect();
    assert_eq!(names, Command::NAMES.iter().copied().collect(), "commands that are tried, and that exist");
    let everybody: BTreeSet<_> = INSIDE.into_iter().chain(OUTSIDE).collect();
    for (configuration, table) in TABLES {
        let mut actors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in rows(table) {
            actors.entry(row.deed.name).or_default().push(row.actor);
        }
        for (deed, actors) in &actors {
            let once: BTreeSet<_> = actors.iter().copied().collect();
            let what = format!("{}: {deed} by {actors:?}", configuration.name);
            assert_eq!((actors.len(), &once), (everybody.len(), &everybody), "{what}");
        }
        let wanted: Vec<_> = DEEDS.iter().filter(|deed| !actors.contains_key(deed.name)).collect();
        match configuration.name {
            "as made" => assert!(wanted.is_empty(), "{wanted:?}"),
            "closed" => assert!(!wanted.iter().any(|deed| is_plain(deed)), "{wanted:?}"),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_the_table_is_so_on_every_way_in() {
    let world = World::new().await;
    let people = Arc::new(People::new(&world).await);
    let mut tasks = Vec::new();
    for (configuration, table) in TABLES {
        let (table, people) = (rows(table), Arc::clone(&people));
        // One after the other, the first table would take longer than all others together.
        let (mut parts, size): (Vec<Vec<Row>>, _) = (Vec::new(), table.len().div_ceil(PARTS).max(1));
        for row in table {
            match parts.last_mut() {
                Some(part) if part.len() < size => part.push(row),
                _ => parts.push(vec![row]),
            }
        }
        for part in parts {
            let people = Arc::clone(&people);
            tasks.push(tokio::spawn(async move { (part.len(), run_all(&people, *configuration, part).await) }));
        }
    }
    let (mut count, mut wrong) = (0, Vec::new());
    for task in tasks {
        let (rows, faults) = task.await.expect("no panic");
        count += rows;
        wrong.extend(faults);
    }
    println!("{count} rows");
    assert!(count >= 300, "{count} rows only");
    assert!(wrong.is_empty(), "{} of {count} rows:\n{}", wrong.len(), wrong.join("\n"));
    assert_verified(&world.database);
}

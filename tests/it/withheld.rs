//! Passwords and tokens are found nowhere: not in the log, not in a copy of the database, not in what the server prints.

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use sqlx::Executor;

use crate::support::{Guest, Server, TempDir, World, open, send, synctv};

const PASSWORDS: [&str; 7] = [
    "made-sesame-1",
    "set-sesame-2",
    "keyed-sesame-3",
    "called-sesame-4",
    "session-sesame-5",
    "socket-sesame-6",
    "guessed-sesame-7",
];
/// All that our own code says, and much of what others do.
const LOUD: &str =
    "debug,synctv_commands=trace,synctv_grpc=trace,synctv_http=trace,synctv_postgres=trace,synctv_server=trace";

/// Every way in which a secret comes into a server. The tokens of the invites that were made.
async fn used_in_every_way(world: &World, other: &Server) -> (String, Vec<String>) {
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let body = json!({ "name": "r", "join_rule": "password", "visibility": "unlisted", "password": PASSWORDS[0] });
    let made = send(ann.request(Method::POST, "/v1/rooms").header("idempotency-key", "made").json(&body)).await.ok();
    let room = made["room_id"].as_str().expect("an id").to_owned();
    let set = |password: &str| json!({ "type": "room.set_join_rule", "join_rule": "password", "password": password, "expect": { "playlist": 1 } });
    let at_other = ann.at(&other.url);
    ann.command(&room, set(PASSWORDS[1])).await.ok();
    for who in [&ann, &at_other] {
        who.keyed(&room, &set(PASSWORDS[2]), "set").await.ok();
    }
    let mut tokens = Vec::new();
    let calls = at_other.grpc();
    for command in [set(PASSWORDS[3]), json!({ "type": "invite.create" })] {
        let made =
            calls.keyed(&format!("call {}", command["type"])).command(&room, &command).await.expect("it is done");
        tokens.extend(made["secret"]["token"].as_str().map(str::to_owned));
    }
    for mut session in [calls.session(&room).await.expect("it opens"), at_other.typed_socket(&room).await] {
        for command in [set(PASSWORDS[4]), json!({ "type": "invite.create" })] {
            let made = session.answer(1, &command, None).await.ok();
            tokens.extend(made["secret"]["token"].as_str().map(str::to_owned));
        }
    }
    let mut socket = at_other.socket(&room).await;
    for command in [set(PASSWORDS[5]), json!({ "type": "invite.create" })] {
        socket.tell(json!({ "id": 1, "command": command, "key": command["type"] })).await;
        let reply = socket.until("reply").await;
        assert!(reply.get("problem").is_none(), "{reply:#}");
        tokens.extend(reply["secret"]["token"].as_str().map(str::to_owned));
    }
    let created = ann.keyed(&room, &json!({ "type": "invite.create" }), "invite").await.ok();
    tokens.push(created["secret"]["token"].as_str().expect("a token").to_owned());
    let validate = format!("/v1/rooms/{room}/commands?validate_only=true");
    for password in [PASSWORDS[6], PASSWORDS[5]] {
        let join = json!({ "type": "member.join", "password": password });
        ben.post(&validate, &join).await;
        let told = ben.grpc().told(&room, &join).await.is_ok();
        let joined = ben.grpc().command(&room, &join).await.is_ok();
        assert_eq!((told, joined), (password == PASSWORDS[5], password == PASSWORDS[5]));
        ben.command(&room, join).await;
    }
    for token in &tokens {
        let cat = Guest::new(&other.url, "Cat").await;
        let joined = cat.keyed(&room, &json!({ "type": "member.join", "invite": token }), "join").await.ok();
        assert_eq!(joined["events"][0]["type"], "member.joined");
    }
    (room, tokens)
}

/// How a text may have been written down.
fn spellings(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    // From its first byte on, in groups of three: a shorter beginning is enough.
    let encoded = base64(&secret.as_bytes()[..secret.len() / 3 * 3]);
    vec![secret.to_owned(), hex, encoded]
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

/// Every row of every table as text, by table: what a copy of the database would hold.
async fn copied(database: &str) -> Vec<(String, String)> {
    let mut connection = open(database).await;
    let tables = "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables \
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.expect("it can be asked");
    let mut copies = Vec::new();
    for table in tables {
        connection.execute("SET bytea_output = 'hex'").await.expect("it can be set");
        let rows = sqlx::query_scalar(&format!("SELECT t::text FROM {table} t")).fetch_all(&mut connection).await;
        let rows: Vec<String> = rows.expect("it can be read");
        // Text may be kept as bytes, and within those again as JSON.
        copies.push((table, rows.join("\n")));
    }
    copies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_written_anywhere_but_as_a_hash() {
    let world = World::with(&[("RUST_LOG", LOUD)]).await;
    let dir = TempDir::new();
    let other = Server::spawn(synctv(&[]).env("DATABASE_URL", &world.database).env("RUST_LOG", LOUD), dir.path());
    let (room, tokens) = used_in_every_way(&world, &other).await;
    let (auditor, reader) = (world.auditor().await, Guest::new(&other.url, "Dan").await);
    reader.command(&room, json!({ "type": "member.join", "invite": tokens[0] })).await.ok();

    reader.grpc().told(&room, &json!({ "type": "member.leave" })).await.expect("it could leave");

    let mut seen = copied(&world.database).await;
    assert!(seen.iter().any(|(table, rows)| table == "public.events" && rows.contains("room.join_rule_set")), "no log");
    let export = auditor.request(Method::GET, "/v1/log?limit=1000").header("accept", "application/x-ndjson");
    let export = send(export).await;
    let lines = export.body.as_str().map_or_else(|| export.body.to_string(), str::to_owned);
    assert!(lines.contains("invite.created") && lines.contains("room.join_rule_set"), "{lines}");
    seen.push(("the export".to_owned(), lines));
    let paths = ["", "/events?limit=1000", "/members", "/history"];
    for answer in join_all(paths.map(async |path| reader.get(&format!("/v1/rooms/{room}{path}")).await)).await {
        seen.push(("a reader".to_owned(), answer.ok().to_string()));
    }
    for server in [&world.server, &other] {
        assert!(server.log().contains("DEBUG"), "it says little");
        assert!(!server.log().contains(&reader.token), "a token is in a server's log");
        seen.push(("a server's log".to_owned(), server.log()));
    }
    // The id of an invite is no secret; its signature makes the token.
    let secrets = PASSWORDS.into_iter().chain(tokens.iter().map(|token| &token[token.len() - 32..]));
    for secret in secrets {
        for spelling in spellings(secret) {
            for (place, text) in &seen {
                assert!(!text.contains(&spelling), "{secret} is in {place} as {spelling}");
            }
        }
    }
    let (_, kept) = seen.iter().find(|(table, _)| table == "public.room_passwords").expect("it was copied");
    let kept: Vec<_> = kept.lines().collect();
    assert_eq!(kept.len(), 1, "one password opens one room: {kept:?}");
    assert!(kept[0].contains("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept:?}");
    let hashed = "argon2id";
    let elsewhere: Vec<_> =
        seen.iter().filter(|(place, text)| place != "public.room_passwords" && text.contains(hashed)).collect();
    assert!(elsewhere.is_empty(), "a hash is in {:?}", elsewhere.iter().map(|(place, _)| place).collect::<Vec<_>>());
}

//! `tests/golden/rights.json`: who may do what. The page tells so before anybody tries; its table is held to the same rows.

use std::{env, fs};

use serde::Serialize;
use serde_json::json;
use synctv_domain::permission::check;
use synctv_domain::{Control, Permission};

use crate::scenario::{CROWD, OWNER, crowd};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/rights.json");

#[derive(Serialize)]
struct Right {
    role: &'static str,
    control: Control,
    chat: bool,
    permission: Permission,
    /// The layer that denies it; null: it is allowed.
    denied_by: Option<String>,
}

fn rights() -> Vec<Right> {
    let mut rights = Vec::new();
    for control in [Control::Everyone, Control::Moderators, Control::Owner] {
        for chat in [true, false] {
            let settings = json!({ "control": control, "capabilities": { "chat": chat } });
            let room = crowd().past(OWNER, "room.update_settings", settings).room;
            for (member, role) in CROWD {
                for permission in Permission::ALL.iter().copied() {
                    let trace = check(&room, member, permission);
                    let layer = trace.decided_by.split(':').next().map(str::to_owned);
                    rights.push(Right { role, control, chat, permission, denied_by: layer.filter(|_| !trace.allowed) });
                }
            }
        }
    }
    rights
}

/// One right a line, so that a difference shows which.
fn spell() -> String {
    let line = |right| serde_json::to_string(right).expect("plain values");
    format!("[\n{}\n]\n", rights().iter().map(line).collect::<Vec<_>>().join(",\n"))
}

#[test]
fn rights_are_those_that_the_page_is_held_to() {
    if env::var_os("SYNCTV_UPDATE_GOLDEN").is_some() {
        fs::write(PATH, spell()).expect("the file can be written");
    }
    let (stored, computed) = (fs::read_to_string(PATH).expect("the file"), spell());
    let renew = "if it should: SYNCTV_UPDATE_GOLDEN=1 cargo test -p synctv-domain rights";
    for (stored, computed) in stored.lines().zip(computed.lines()) {
        assert_eq!(stored, computed, "a right changed; {renew}");
    }
    assert_eq!(stored.len(), computed.len(), "the rows changed; {renew}");
}

//! What was said in rooms.

use std::collections::{BTreeMap, BTreeSet};

use synctv_domain::{ActorId, Event, MessageId, Personal, Reaction, RoomId, Seq, Timestamp};

use crate::entry::{Entry, Poison};
use crate::model::ReadModel;
use crate::rows::{Row, Rows};

const NAMES: &[&str] = &["chat.posted", "chat.edited", "chat.redacted", "chat.reacted"];

/// Who reacted, by reaction.
pub type Reactions = BTreeMap<Reaction, BTreeSet<ActorId>>;

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its room.
    pub room: RoomId,
    /// The event that posted it.
    pub seq: Seq,
    /// Its id.
    pub id: MessageId,
    /// Who wrote it.
    pub author: ActorId,
    /// What it says, sealed; nothing once it was withdrawn.
    pub text: Option<Personal>,
    /// The words it can be found by, sealed.
    pub words: Vec<i64>,
    /// What it answers.
    pub reply_to: Option<MessageId>,
    /// When it was written.
    pub at: Timestamp,
    /// When it got another text.
    pub edited_at: Option<Timestamp>,
    /// Who reacted.
    pub reactions: Reactions,
}

impl Row for Message {
    type Key = MessageId;

    fn key(&self) -> MessageId {
        self.id
    }
}

/// The one table.
#[derive(Default)]
pub struct Tables {
    /// By id.
    pub messages: Rows<Message>,
}

fn words(entry: &Entry) -> Vec<i64> {
    entry.words.get().cloned().unwrap_or_default()
}

/// The messages of rooms.
pub struct ChatMessages;

impl ReadModel for ChatMessages {
    const NAME: &'static str = "chat_messages";
    const WORDS: bool = true;
    type Tables = Tables;

    fn apply(entry: &Entry, Tables { messages }: &mut Tables) -> Result<(), Poison> {
        let Some((room, event)) = entry.of(NAMES)? else { return Ok(()) };
        match event {
            Event::ChatPosted(posted) => messages.put(Message {
                room,
                seq: entry.seq,
                id: posted.message_id,
                author: posted.author,
                text: Some(posted.text.clone()),
                words: words(entry),
                reply_to: posted.reply_to,
                at: entry.at,
                edited_at: None,
                reactions: Reactions::new(),
            }),
            Event::ChatEdited(edited) => messages.edit(&edited.message_id, |message| {
                if message.text.is_some() {
                    message.text = Some(edited.text.clone());
                    message.words = words(entry);
                    message.edited_at = Some(entry.at);
                }
            }),
            Event::ChatRedacted(redacted) => messages.edit(&redacted.message_id, |message| {
                message.text = None;
                message.words.clear();
                message.reactions.clear();
            }),
            Event::ChatReacted(reacted) => messages.edit(&reacted.message_id, |message| {
                let members = message.reactions.entry(reacted.reaction.clone()).or_default();
                if reacted.on {
                    members.insert(reacted.member);
                } else {
                    members.remove(&reacted.member);
                }
                message.reactions.retain(|_, members| !members.is_empty());
            }),
            _ => {}
        }
        Ok(())
    }
}

/// The most words of a message that it is found by.
const MOST_WORDS: usize = 200;

/// The words of a text, in lower case: runs of letters and digits. Where words are not set apart, each character is one.
pub struct Words(String);

impl Words {
    /// Of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    /// Each of them, as often as it occurs.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let runs = self.0.split(|letter: char| !letter.is_alphanumeric());
        let words = runs.flat_map(|run| run.split_inclusive(stands_alone).flat_map(split_last));
        words.filter(|word| !word.is_empty()).take(MOST_WORDS)
    }
}

/// A run that ends with a character that is a word of its own, in two.
fn split_last(run: &str) -> [&str; 2] {
    match run.char_indices().next_back() {
        Some((at, last)) if stands_alone(last) => [&run[..at], &run[at..]],
        _ => [run, ""],
    }
}

/// Han characters and kana: Chinese and Japanese set no words apart.
fn stands_alone(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::Words;

    fn words(text: &str) -> Vec<String> {
        Words::of(text).iter().map(str::to_owned).collect()
    }

    #[test]
    fn words_are_letters_and_digits_in_any_case() {
        assert_eq!(words("Déjà vu? déjà-VU, 4K!"), ["déjà", "vu", "déjà", "vu", "4k"]);
        assert!(words("?! …").is_empty());
    }

    #[test]
    fn characters_are_words_where_words_are_not_set_apart() {
        assert_eq!(words("今晚看4K电影abc"), ["今", "晚", "看", "4k", "电", "影", "abc"]);
    }
}

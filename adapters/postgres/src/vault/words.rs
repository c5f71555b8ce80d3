//! Words of messages, sealed like their texts: findable by who knows the word and holds the author's key, noise to all others,
//! and to everybody once that key is destroyed.

use std::collections::HashSet;

use hmac::Mac;
use synctv_domain::{ActorId, Event, Personal, RoomId};
use synctv_projections::chat_messages::Words;
use synctv_projections::{Entry, ProjectionError};

use super::{Keys, SubjectKey, Vault};

impl Vault {
    /// Adds the sealed words to messages among these events.
    pub(crate) async fn add_words(&self, entries: &[Entry]) -> Result<(), ProjectionError> {
        let authors = entries.iter().filter_map(said).map(|(author, _)| author).collect();
        let keys = self.keys_of(authors).await?;
        for entry in entries {
            let (Ok(Some(room)), Some((author, sealed))) = (&entry.room, said(entry)) else { continue };
            let Some(Some(key)) = keys.get(&author) else { continue };
            let text = key.reveal(author, sealed).unwrap_or_default();
            let mut found: Vec<i64> = Words::of(&text).iter().map(|word| key.word(*room, word)).collect();
            found.sort_unstable();
            found.dedup();
            // As it was, if another has set them.
            let _ = entry.words.set(found);
        }
        Ok(())
    }

    /// Each word of a text as each of these authors may have written it in a room.
    pub(crate) async fn words(
        &self,
        room: RoomId,
        authors: &[ActorId],
        text: &str,
    ) -> Result<Vec<Vec<i64>>, ProjectionError> {
        let keys = self.keys_of(authors.iter().copied().collect()).await?;
        let by_all = |word: &str| keys.values().flatten().map(|key| key.word(room, word)).collect();
        Ok(Words::of(text).iter().map(by_all).collect())
    }

    async fn keys_of(&self, subjects: HashSet<ActorId>) -> Result<Keys, ProjectionError> {
        self.keys(subjects, false).await.map_err(|error| ProjectionError::Database(error.to_string()))
    }
}

/// Who said something sealed.
fn said(entry: &Entry) -> Option<(ActorId, &str)> {
    match &entry.event {
        Ok(Event::ChatPosted(posted)) => sealed(posted.author, &posted.text),
        Ok(Event::ChatEdited(edited)) => sealed(edited.author, &edited.text),
        _ => None,
    }
}

fn sealed(author: ActorId, text: &Personal) -> Option<(ActorId, &str)> {
    match text {
        Personal::Sealed(sealed) => Some((author, sealed)),
        Personal::Clear(_) | Personal::Erased => None,
    }
}

impl SubjectKey {
    /// The same word in another room, or by another author, is another number.
    fn word(&self, room: RoomId, word: &str) -> i64 {
        let mut mac = self.words.clone();
        mac.update(&room.ulid().to_bytes());
        mac.update(word.as_bytes());
        let code: [u8; 32] = mac.finalize().into_bytes().into();
        let first = code.first_chunk().expect("a code has 32 bytes");
        i64::from_be_bytes(*first)
    }
}

//! Messages: who wrote which, without their texts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::Room;
use super::permission::{Permission, allow, not_own};
use crate::actor::ActorId;
use crate::command::{ChatEdit, ChatPost, ChatReact, ChatRedact};
use crate::decide::{Context, Decision};
use crate::events::{ChatEdited, ChatPosted, ChatReacted, ChatRedacted, Event};
use crate::ids::MessageId;
use crate::personal::Personal;
use crate::rejection::Rejection;
use crate::text::Reaction;

/// The greatest number of distinct reactions to a message.
const MAX_REACTIONS: usize = 20;
/// The greatest number of reactions to a message, by all members together.
const MAX_REACTION_ENTRIES: usize = 200;

/// The newest messages, oldest first.
pub(super) type Heads = VecDeque<Head>;

/// What must be known of a message to decide about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    id: MessageId,
    author: ActorId,
    redacted: bool,
    reactions: BTreeMap<Reaction, BTreeSet<ActorId>>,
}

impl Head {
    fn has(&self, reaction: &Reaction, member: ActorId) -> bool {
        self.reactions.get(reaction).is_some_and(|members| members.contains(&member))
    }

    fn has_room_for(&self, reaction: &Reaction) -> Result<(), Rejection> {
        if self.reactions.len() >= MAX_REACTIONS && !self.reactions.contains_key(reaction) {
            return Err(Rejection::LimitReached { what: "reactions", max: MAX_REACTIONS });
        }
        let entries: usize = self.reactions.values().map(BTreeSet::len).sum();
        if entries >= MAX_REACTION_ENTRIES {
            let what = "reaction entries";
            return Err(Rejection::LimitReached { what, max: MAX_REACTION_ENTRIES });
        }
        Ok(())
    }
}

pub(crate) fn post(room: &Room, fields: &ChatPost, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::ChatSend)?;
    if let Some(id) = fields.reply_to {
        room.head(id)?;
    }
    let event = ChatPosted {
        message_id: MessageId::new(ctx.fresh),
        author: ctx.actor.id,
        text: Personal::Clear(fields.text.to_string()),
        reply_to: fields.reply_to,
    };
    Ok(Decision::one(Event::ChatPosted(event), decided_by))
}

pub(crate) fn edit(room: &Room, fields: &ChatEdit, ctx: &Context) -> Result<Decision, Rejection> {
    // An edit says something new, so it needs the right to speak as well.
    allow(room, ctx, Permission::ChatSend)?;
    let head = room.head(fields.message_id)?;
    if head.author != ctx.actor.id {
        return Err(not_own("chat.edit"));
    }
    if head.redacted {
        return Err(Rejection::MessageNotFound);
    }
    let event = ChatEdited { message_id: head.id, text: Personal::Clear(fields.text.to_string()), author: head.author };
    Ok(Decision::one(Event::ChatEdited(event), "own"))
}

pub(crate) fn redact(room: &Room, fields: &ChatRedact, ctx: &Context) -> Result<Decision, Rejection> {
    let head = room.head(fields.message_id)?;
    let decided_by =
        if head.author == ctx.actor.id { "own".to_owned() } else { allow(room, ctx, Permission::ChatDeleteAny)? };
    if head.redacted {
        return Ok(Decision::nothing(decided_by));
    }
    let event = ChatRedacted {
        message_id: head.id,
        author: head.author,
        reason: fields.reason.as_ref().map(|reason| Personal::Clear(reason.to_string())),
    };
    Ok(Decision::one(Event::ChatRedacted(event), decided_by))
}

pub(crate) fn react(room: &Room, fields: &ChatReact, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::ChatReact)?;
    let head = room.head(fields.message_id)?;
    if head.has(&fields.reaction, ctx.actor.id) == fields.on {
        return Ok(Decision::nothing(decided_by));
    }
    if fields.on {
        head.has_room_for(&fields.reaction)?;
    }
    let event =
        ChatReacted { message_id: head.id, member: ctx.actor.id, reaction: fields.reaction.clone(), on: fields.on };
    Ok(Decision::one(Event::ChatReacted(event), decided_by))
}

impl Room {
    fn head(&self, id: MessageId) -> Result<&Head, Rejection> {
        // Newest first: what is answered or changed was written a moment ago.
        self.heads.iter().rev().find(|head| head.id == id).ok_or(Rejection::MessageNotFound)
    }

    fn head_mut(&mut self, id: MessageId) -> Option<&mut Head> {
        self.heads.iter_mut().rev().find(|head| head.id == id)
    }

    pub(super) fn posted(&mut self, event: &ChatPosted) {
        self.heads.push_back(Head {
            id: event.message_id,
            author: event.author,
            redacted: false,
            reactions: BTreeMap::new(),
        });
        while self.heads.len() > Self::MAX_HEADS {
            self.heads.pop_front();
        }
        self.touch(|versions| &mut versions.chat);
    }

    pub(super) fn redacted(&mut self, id: MessageId) {
        if let Some(head) = self.head_mut(id) {
            head.redacted = true;
        }
        self.touch(|versions| &mut versions.chat);
    }

    pub(super) fn reacted(&mut self, event: &ChatReacted) {
        if let Some(head) = self.head_mut(event.message_id) {
            let members = head.reactions.entry(event.reaction.clone()).or_default();
            if event.on {
                members.insert(event.member);
            } else {
                members.remove(&event.member);
            }
            head.reactions.retain(|_, members| !members.is_empty());
        }
        self.touch(|versions| &mut versions.chat);
    }
}

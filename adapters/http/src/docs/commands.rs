//! What may be asked of a room.

use super::shape::Kind::{Bool, List, Of, OrNull};
use super::shape::{Entry, Field, entry, may, need};

const EXPECTED_ITEM: Field = may(
    "expected_item",
    OrNull("ItemId"),
    "The item that the caller takes for the current one; another one refuses it.",
);
const REASON: Field = may("reason", OrNull("Reason"), "Why.");
const WHOM: Field = need("member", Of("ActorId"), "Whom it is about.");
const A_DAY: Field =
    may("expires_at", OrNull("Timestamp"), "Until when they are kept out, within 24 hours; a minute unless set.");
const UNTIL: Field = may("expires_at", OrNull("Timestamp"), "Until when; until it is lifted unless set.");

// Null is as good as absent where it says so.

/// Every command but `room.create`, which has a route of its own.
pub(super) const COMMANDS: &[Entry] = &[
    entry("room.close", "Take no more commands.", &[]),
    entry("room.reopen", "Take commands again.", &[]),
    entry(
        "room.update_settings",
        "Change settings; what is absent stays. Needs `expect.settings` or `If-Match`.",
        &[
            may("name", OrNull("RoomName"), "The new name."),
            may("visibility", OrNull("Visibility"), "The new visibility."),
            may("default_role", OrNull("DefaultRole"), "The new default role."),
            may("capabilities", OrNull("CapabilitiesPatch"), "The capabilities to switch."),
            may("barrier", OrNull("Barrier"), "The new barrier."),
            may("control", OrNull("Control"), "The new control."),
            may("permissions", OrNull("PermissionsPatch"), "What roles are allowed and denied from now on."),
            may("max_members", OrNull("RoomSize"), "How many members there may be; those who are in stay."),
        ],
    ),
    entry(
        "room.set_join_rule",
        "Change how one gets in. Needs `expect.settings` or `If-Match`.",
        &[
            need("join_rule", Of("JoinRule"), "How from now on."),
            may("password", OrNull("Password"), "For the rule `password`; unless set, the present one stays."),
        ],
    ),
    entry(
        "room.transfer",
        "Offer the room to another owner, who has to accept.",
        &[may("member", OrNull("ActorId"), "To whom; unless set, the offer is withdrawn.")],
    ),
    entry(
        "room.accept_transfer",
        "Become the owner of a room that was offered; the owner until now becomes an admin.",
        &[may("member", OrNull("ActorId"), "The owner whose offer it is; anybody's unless set.")],
    ),
    entry(
        "room.expel_guests",
        "Remove all members without an account and all with the role of a guest, but for moderators and above.",
        &[],
    ),
    entry(
        "member.join",
        "Become a member; with the join rule `approval`, ask to. A public room asks for none of the fields, and an invite \
         opens every room.",
        &[
            may("password", OrNull("Password"), "The room's password."),
            may("invite", OrNull("Secret"), "The token of an invite."),
            may("message", OrNull("Reason"), "What to tell those who approve."),
        ],
    ),
    entry("member.approve", "Let in somebody who knocked.", &[WHOM, REASON]),
    entry("member.reject", "Send away somebody who knocked.", &[WHOM, REASON, A_DAY]),
    entry("member.ban", "Remove somebody, if they are a member, and keep them out.", &[WHOM, REASON, UNTIL]),
    entry(
        "member.unban",
        "Let somebody come in again who was banned, or removed or rejected a moment ago.",
        &[WHOM, REASON],
    ),
    entry("member.mute", "Keep a member from writing and reacting.", &[WHOM, REASON, UNTIL]),
    entry("member.unmute", "Let a member write and react again.", &[WHOM, REASON]),
    entry(
        "member.override_permissions",
        "Allow and deny rights to a member; replaces what was said before. Needs `expect.members` or `If-Match`.",
        &[
            WHOM,
            need("allow", List("Permission"), "Rights beyond those of the role."),
            need("deny", List("Permission"), "Rights that the member shall not have; these win."),
        ],
    ),
    entry(
        "invite.create",
        "Make an invite; its token is in the answer's `secret`.",
        &[
            may("max_uses", OrNull("InviteUses"), "How often it can be used; any number of times unless set."),
            may("expires_at", OrNull("Timestamp"), "Until when it is good; a week unless set."),
            may("role", OrNull("AssignableRole"), "What its users become; what every joiner does unless set."),
        ],
    ),
    entry("invite.revoke", "Make an invite worthless.", &[need("invite_id", Of("InviteId"), "Which.")]),
    entry("member.leave", "Leave the room; its owner cannot.", &[]),
    entry("member.kick", "Remove a member.", &[WHOM, REASON, A_DAY]),
    entry(
        "member.set_role",
        "Give a member another role.",
        &[need("member", Of("ActorId"), "Whose role."), need("role", Of("AssignableRole"), "The new role.")],
    ),
    entry(
        "playlist.add",
        "Add an item.",
        &[
            need("url", Of("MediaUrl"), "Where the medium is."),
            may("title", OrNull("Title"), "What it is called."),
            may("delivery", Of("Delivery"), "How it reaches the viewers; `auto` unless set."),
            may("duration_ms", OrNull("MediaMs"), "Its length, if known."),
            may("after", OrNull("ItemId"), "The item to put it behind; the last one unless set."),
        ],
    ),
    entry(
        "playlist.update",
        "Change an item; what is absent stays.",
        &[
            need("item_id", Of("ItemId"), "The item."),
            may("title", OrNull("Title"), "The new title."),
            may("duration_ms", OrNull("MediaMs"), "The new length."),
        ],
    ),
    entry(
        "playlist.move",
        "Put an item somewhere else.",
        &[
            need("item_id", Of("ItemId"), "The item."),
            need("after", OrNull("ItemId"), "The item to put it behind; null for the beginning."),
        ],
    ),
    entry("playlist.remove", "Remove an item.", &[need("item_id", Of("ItemId"), "The item.")]),
    entry("playlist.clear", "Remove all items.", &[]),
    entry(
        "playback.play",
        "Start playing.",
        &[may("position_ms", OrNull("MediaMs"), "From where; from where it stands unless set."), EXPECTED_ITEM],
    ),
    entry(
        "playback.pause",
        "Stop playing.",
        &[
            may("position_ms", OrNull("MediaMs"), "Where the caller saw it stop; obeyed within a second of the truth."),
            EXPECTED_ITEM,
        ],
    ),
    entry("playback.seek", "Jump.", &[need("position_ms", Of("MediaMs"), "Where to."), EXPECTED_ITEM]),
    entry("playback.set_rate", "Play faster or slower.", &[need("rate_permille", Of("RatePermille"), "The new rate.")]),
    entry("playback.set_mode", "Choose what follows an item.", &[need("mode", Of("Mode"), "The new mode.")]),
    entry(
        "playback.select_item",
        "Play this item.",
        &[
            need("item_id", Of("ItemId"), "The item."),
            may("position_ms", OrNull("MediaMs"), "From where; from the beginning unless set."),
        ],
    ),
    entry("playback.next", "Play the item that follows.", &[EXPECTED_ITEM]),
    entry("playback.previous", "Play the item before.", &[EXPECTED_ITEM]),
    entry(
        "ready.start",
        "Ask everybody who is connected whether they are ready: playback stops, and starts 3 s after the last one is.",
        &[may("deadline_ms", OrNull("Deadline"), "When nobody is waited for any longer; in a minute unless set.")],
    ),
    entry("ready.mark", "Be ready, or not any more.", &[need("ready", Bool, "Whether one can start.")]),
    entry("ready.cancel", "Call a ready check off.", &[]),
    entry(
        "chat.post",
        "Write a message.",
        &[
            need("text", Of("ChatText"), "What to say."),
            may("reply_to", OrNull("MessageId"), "The message that it answers."),
        ],
    ),
    entry(
        "chat.edit",
        "Replace the text of one's own message.",
        &[need("message_id", Of("MessageId"), "The message."), need("text", Of("ChatText"), "The new text.")],
    ),
    entry("chat.redact", "Withdraw a message.", &[need("message_id", Of("MessageId"), "The message."), REASON]),
    entry(
        "chat.react",
        "Add or take back a reaction.",
        &[
            need("message_id", Of("MessageId"), "The message."),
            need("reaction", Of("Reaction"), "With what."),
            need("on", Bool, "Add it, or take it back."),
        ],
    ),
    entry(
        "live.create_key",
        "Make a key to publish live streams of the room with; it is in the answer's `secret`.",
        &[may("expires_at", OrNull("Timestamp"), "Until when it is good; thirty days unless set.")],
    ),
    entry(
        "live.revoke_key",
        "Make a key worthless, and end the stream that is published with it.",
        &[need("key_id", Of("LiveKeyId"), "Which.")],
    ),
    entry("live.stop", "End the live stream.", &[]),
];

"""Leads generated requests to what exists, and keeps the room open while other commands are tried."""

import os
import random

import schemathesis

IDS = {
    "item_id": os.environ["ITEM"],
    "after": os.environ["ITEM"],
    "expected_item": os.environ["ITEM"],
    "message_id": os.environ["MESSAGE"],
    "reply_to": os.environ["MESSAGE"],
    "member": os.environ["MEMBER"],
}
# Not those of `random`, which Hypothesis sets back for every request.
DICE = random.Random(os.environ.get("SYNCTV_TEST_SEED"))
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
# After one of these the next commands would have nothing left to act upon.
ENDS = ["room.close", "playlist.clear", "playlist.remove", "member.kick", "chat.redact"]


def is_id(value):
    return isinstance(value, str) and value[:4] in ("itm_", "msg_", "usr_", "gst_")


@schemathesis.hook
def before_call(context, case, kwargs):
    # With these most would be refused for a condition, or for a key that was used before.
    for header in ("If-Match", "Idempotency-Key"):
        if case.headers and DICE.random() < 0.8:
            case.headers.pop(header, None)
    if DICE.random() < 0.5:
        # Not the stream: it has no end.
        more = {"/v1/log": {"Accept": "application/x-ndjson"}, "/v1/rooms/{room}/ws": UPGRADE}
        case.headers = {**(case.headers or {}), **more.get(case.operation.path, {})}
    body = case.body
    if not isinstance(body, dict):
        return
    if DICE.random() < 0.8:
        body.pop("expect", None)
    for name, known in IDS.items():
        if is_id(body.get(name)) and DICE.random() < 0.7:
            body[name] = known
    if body.get("type") in ENDS:
        case.query = {**(case.query or {}), "validate_only": "true"}

"""A watch party over gRPC: a film is put on and talked about, and a lost connection costs nobody a word.

    scripts/python-example.sh 127.0.0.1:8080
"""

import itertools
import sys
import threading
import time

import grpc
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from grpc_status import rpc_status
from synctv.v1 import guests_pb2, guests_pb2_grpc, rooms_pb2, rooms_pb2_grpc, settings_pb2
from synctv.v1 import stream_pb2, watch_pb2, watch_pb2_grpc

LINES = 60
LARGEST = 64 << 20  # bytes; a room may be larger than the 4 MiB that gRPC takes by itself


def say(text):
    print(text, flush=True)


def detail(error, kind):
    """What a failure tells of this kind, if it does."""
    status = rpc_status.from_call(error)
    for packed in status.details if status else []:
        told = kind()
        if packed.Unpack(told):
            return told


def reason(error):
    """The stable code of a failure, as over REST; if the connection failed, gRPC's own name for that."""
    info = detail(error, ErrorInfo)
    return info.reason if info else error.code().name


def pause(error, tries):
    """Seconds until the next try: what the server says, or more each time. Raises what no other try can mend."""
    told = detail(error, RetryInfo)
    if told:
        return told.retry_delay.ToTimedelta().total_seconds()
    if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        raise error
    return 0.1 * 2 ** min(tries, 5)


class Guest:
    """Somebody without an account."""

    def __init__(self, host, name):
        self.channel = grpc.insecure_channel(host, [("grpc.max_receive_message_length", LARGEST)])
        self.rooms = rooms_pb2_grpc.RoomsStub(self.channel)
        self.watching = watch_pb2_grpc.WatchStub(self.channel)
        made = guests_pb2_grpc.GuestsStub(self.channel).Create(guests_pb2.GuestsCreateRequest(display_name=name))
        self.caller = [("authorization", f"Bearer {made.access_token}")]
        say(f"{name} is {made.actor.id}")

    def once(self, call, request, key):
        """Does it once: under the same key, whoever asks again gets the first answer again."""
        metadata = self.caller + [("idempotency-key", key)]
        for tries in itertools.count():
            try:
                return call(request, metadata=metadata, wait_for_ready=True, timeout=30)
            except grpc.RpcError as error:
                time.sleep(pause(error, tries))
                say(f"again: {reason(error)}")

    def make_room(self, name):
        rule, visibility = settings_pb2.JOIN_RULE_PUBLIC, settings_pb2.VISIBILITY_UNLISTED
        wanted = rooms_pb2.RoomsCreateRequest(name=name, join_rule=rule, visibility=visibility)
        return self.once(self.rooms.Create, wanted, "room").room_id

    def command(self, room, key, **command):
        return self.once(self.rooms.Command, rooms_pb2.RoomsCommandRequest(room_id=room, command=command), key)

    def watch(self, room):
        """The room as it is, then every event once. If the log was replaced by an older one, the room again."""
        token, tries = None, 0
        while True:
            begin = stream_pb2.From(resume_token=token) if token else stream_pb2.From(snapshot={})
            request = watch_pb2.WatchRequest(room_id=room, **{"from": begin})  # a keyword of Python
            call = self.watching.Watch(request, metadata=self.caller, wait_for_ready=True)
            wait = 0.1
            try:
                for message in call:
                    token, tries = message.resume_token or token, 0
                    match message.WhichOneof("message"):
                        case "snapshot" | "event":
                            yield message
                        case "resumed":
                            say(f"resumed; the room is at {message.resumed.to}")
                        case "drain":
                            wait = message.drain.retry_after_ms / 1000
                        case "reset":
                            token = None
                            call.cancel()
                            break
            except grpc.RpcError as error:
                say(f"cut: {reason(error)}")
                replaced = error.code() == grpc.StatusCode.ABORTED
                token, wait = (None, wait) if replaced else (token, max(wait, pause(error, tries)))
            time.sleep(wait)
            tries += 1


def talk(guest, room):
    try:
        film = guest.command(room, "film", playlist_add={"url": "https://media.example/film.mp4", "title": "A film"})
        item = film.events[0].playlist_added.item_id
        guest.command(room, "select", playback_select_item={"item_id": item})
        guest.command(room, "play", playback_play={"expected_item": item})
        for number in range(1, LINES + 1):
            guest.command(room, f"line {number}", chat_post={"text": f"line {number}"})
    except BaseException:
        guest.channel.close()  # what will not be said is not to be waited for
        raise


def main(host):
    ann = Guest(host, "Ann")
    room = ann.make_room("Friday")
    try:
        ann.command(room, "seek", playback_seek={"position_ms": 60_000})
    except grpc.RpcError as error:
        say(f"refused: {reason(error)}")

    messages = ann.watch(room)
    start, seen = next(messages).snapshot.room.seq, []
    threading.Thread(target=talk, args=(ann, room), daemon=True).start()
    for message in messages:
        if message.HasField("snapshot"):
            start, seen = message.snapshot.room.seq, []
            continue
        seen.append(message.event.seq)
        if message.event.WhichOneof("data") == "playback_played":
            say("the film has begun")
        if message.event.chat_posted.text == f"line {LINES}":
            break
    whole = seen == list(range(start + 1, seen[-1] + 1))
    say(f"{len(seen)} events from {start + 1} to {seen[-1]}: " + ("each of them once" if whole else f"wrong: {seen}"))
    sys.exit(0 if whole else 1)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080")

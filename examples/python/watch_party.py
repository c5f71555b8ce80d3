"""A watch party over gRPC: a film is put on and talked about, and a lost connection costs nobody a word.

    scripts/python-example.sh 127.0.0.1:8080
"""

import sys
import threading
import time

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status
from synctv.v1 import guests_pb2, guests_pb2_grpc, rooms_pb2, rooms_pb2_grpc, settings_pb2
from synctv.v1 import stream_pb2, watch_pb2, watch_pb2_grpc

LINES = 60


def say(text):
    print(text, flush=True)


def reason(error):
    """The stable code of a failure, as over REST; if the connection failed, gRPC's own name for that."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info = ErrorInfo()
        if detail.Unpack(info):
            return info.reason
    return error.code().name


class Guest:
    """Somebody without an account."""

    def __init__(self, host, name):
        channel = grpc.insecure_channel(host)
        self.rooms = rooms_pb2_grpc.RoomsStub(channel)
        self.watching = watch_pb2_grpc.WatchStub(channel)
        made = guests_pb2_grpc.GuestsStub(channel).Create(guests_pb2.GuestsCreateRequest(display_name=name))
        self.caller = [("authorization", f"Bearer {made.access_token}")]
        say(f"{name} is {made.actor.id}")

    def make_room(self, name):
        public, unlisted = settings_pb2.JOIN_RULE_PUBLIC, settings_pb2.VISIBILITY_UNLISTED
        wanted = rooms_pb2.RoomsCreateRequest(name=name, join_rule=public, visibility=unlisted)
        return self.rooms.Create(wanted, metadata=self.caller).room_id

    def command(self, room, key, **command):
        """Does it once: under the same key, whoever asks again gets the first answer again."""
        request = rooms_pb2.RoomsCommandRequest(room_id=room, command=command)
        metadata = self.caller + [("idempotency-key", key)]
        while True:
            try:
                return self.rooms.Command(request, metadata=metadata, wait_for_ready=True, timeout=30)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                time.sleep(0.1)

    def watch(self, room):
        """The room as it is, then every event once, however often the connection is lost."""
        token = None
        while True:
            begin = stream_pb2.From(resume_token=token) if token else stream_pb2.From(snapshot={})
            request = watch_pb2.WatchRequest(room_id=room, **{"from": begin})  # a keyword of Python
            try:
                for message in self.watching.Watch(request, metadata=self.caller, wait_for_ready=True):
                    token = message.resume_token or token
                    match message.WhichOneof("message"):
                        case "snapshot":
                            yield message.snapshot.room
                        case "event":
                            yield message.event
                        case "resumed":
                            say(f"resumed; the room is at {message.resumed.to}")
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                say(f"cut: {reason(error)}")


def talk(guest, room):
    film = guest.command(room, "film", playlist_add={"url": "https://media.example/film.mp4", "title": "A film"})
    item = film.events[0].playlist_added.item_id
    guest.command(room, "select", playback_select_item={"item_id": item})
    guest.command(room, "play", playback_play={"expected_item": item})
    for number in range(1, LINES + 1):
        guest.command(room, f"line {number}", chat_post={"text": f"line {number}"})


def main(host):
    ann = Guest(host, "Ann")
    room = ann.make_room("Friday")
    try:
        ann.command(room, "seek", playback_seek={"position_ms": 60_000})
    except grpc.RpcError as error:
        say(f"refused: {reason(error)}")

    events = ann.watch(room)
    start = next(events).seq
    threading.Thread(target=talk, args=(ann, room), daemon=True).start()
    seen = []
    for event in events:
        seen.append(event.seq)
        if event.WhichOneof("data") == "playback_played":
            say("the film has begun")
        if event.chat_posted.text == f"line {LINES}":
            break
    whole = seen == list(range(start + 1, seen[-1] + 1))
    say(f"{len(seen)} events from {start + 1} to {seen[-1]}: " + ("each of them once" if whole else f"wrong: {seen}"))
    sys.exit(0 if whole else 1)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080")

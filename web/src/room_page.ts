import type { Api } from "./api";
import { Chat } from "./chat";
import type { ServerClock } from "./clock";
import { byId } from "./dom";
import { EventList } from "./event_list";
import type { Identity } from "./identity";
import { Members } from "./members";
import { Player } from "./player";
import { Playlist } from "./playlist";
import { Problem } from "./problem";
import type { State } from "./reducer";
import { RoomSession } from "./room_session";
import { roomLink } from "./route";
import { complain, note } from "./toast";
import { Transport } from "./transport";
import type { Command, Room } from "./types";

/** The room on the screen: the session's state goes to the parts, their commands go to the session. */
export class RoomPage {
  private readonly session: RoomSession;
  private readonly player: Player;
  private readonly parts: { show(state: State): void }[];
  private readonly start = byId("start", HTMLButtonElement);

  constructor(
    api: Api,
    clock: ServerClock,
    private readonly me: Identity,
    private readonly room: Room,
    private readonly gone: (problem: Problem) => void,
  ) {
    const send = (command: Command) => this.send(command);
    this.session = new RoomSession(api, room.room_id, {
      changed: (state) => this.show(state),
      connected: (live) => this.showConnection(live),
      gone: (problem) => this.leave(problem),
    });
    this.player = new Player(byId("video", HTMLVideoElement), {
      now: () => clock.now(),
      gesture: async (command) => void (await this.send(command)),
      blocked: () => (this.start.hidden = false),
      duration: (item, ms) => this.tellDuration(item, ms),
      broken: () => complain(new Error("This video cannot be played here.")),
    });
    const transport = new Transport(this.player, () => clock.now(), (command) => void send(command));
    const playlist = new Playlist(send);
    const members = new Members(me.id);
    this.parts = [
      { show: (state) => transport.show(state.room) },
      { show: (state) => playlist.show(state.room) },
      { show: (state) => members.show(state.room) },
      new Chat(send),
      new EventList(),
    ];
  }

  async open(): Promise<void> {
    this.showConnection(false);
    await this.session.start(this.room);
    byId("room", HTMLElement).hidden = false;
    byId("connection", HTMLElement).hidden = false;
    const copy = byId("copy-link", HTMLButtonElement);
    copy.hidden = false;
    copy.addEventListener("click", () => void this.copyLink());
    this.start.addEventListener("click", () => {
      this.start.hidden = true;
      this.player.unlock();
      byId("play", HTMLButtonElement).focus();
    });
  }

  private show(state: State): void {
    const { room } = state;
    if (!room.members.some(({ id }) => id === this.me.id)) {
      return this.leave(new Problem(403, "not_a_member", "You are no longer a member of this room."));
    }
    document.title = `${room.name} · SyncTV`;
    byId("room-name", HTMLElement).textContent = room.name;
    byId("cursor", HTMLElement).textContent = `${room.epoch}:${room.seq}`;
    byId("closed", HTMLElement).hidden = !room.closed;
    for (const part of this.parts) part.show(state);
    const item = room.playlist.find(({ item_id }) => item_id === room.playback.item_id);
    this.player.show(room.playback, item ?? null);
  }

  private showConnection(live: boolean): void {
    const connection = byId("connection", HTMLElement);
    const state = live ? "live" : "connecting";
    if (connection.dataset["state"] === state) return;
    connection.dataset["state"] = state;
    byId("connection-text", HTMLElement).textContent = live ? "Live" : "Connecting…";
  }

  /** Issues a command; a refusal is shown, and answered with false. */
  private async send(command: Command): Promise<boolean> {
    try {
      await this.session.command(command);
      return true;
    } catch (error) {
      complain(error);
      return false;
    }
  }

  /** Who added an item tells the room how long it is, so that the server knows where it ends. */
  private tellDuration(item_id: string, duration_ms: number): void {
    const item = this.session.state?.room.playlist.find((candidate) => candidate.item_id === item_id);
    if (item === undefined || item.duration_ms !== null || item.added_by !== this.me.id || duration_ms <= 0) return;
    void this.send({ type: "playlist.update", item_id, duration_ms });
  }

  private async copyLink(): Promise<void> {
    const link = roomLink(location.origin, this.room.room_id);
    try {
      await navigator.clipboard.writeText(link);
      note("The room's link is copied.");
    } catch {
      // Without HTTPS there is no clipboard; a prompt lets people copy by hand.
      window.prompt("The room's link:", link);
    }
  }

  private leave(problem: Problem): void {
    this.session.close();
    this.player.stop();
    byId("room", HTMLElement).hidden = true;
    byId("connection", HTMLElement).hidden = true;
    byId("copy-link", HTMLElement).hidden = true;
    this.gone(problem);
  }
}

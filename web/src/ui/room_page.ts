import type { Api } from "../net/api";
import { Chat } from "./chat";
import type { ServerClock } from "../sync/clock";
import { Company } from "./company";
import { Concerns } from "./concerns";
import { ConnectionView } from "./connection";
import { byId } from "./dom";
import type { Identity } from "./identity";
import { Members } from "./members";
import { Playlist } from "./playlist";
import { Problem } from "../net/problem";
import { Deferred } from "./deferred";
import { Doors } from "./doors";
import { GoLive } from "./go_live";
import { explainRights } from "./explain_rights";
import { Lapse } from "./lapse";
import { namesOf } from "./names";
import { People } from "./people";
import { History } from "../state/history";
import type { State } from "../state/reducer";
import { RoomSession } from "../state/room_session";
import { roomLink } from "./route";
import { Stage } from "./stage";
import { page as texts, reasons } from "../strings";
import { complain, note } from "./toast";
import type { Command } from "../state/types";
import { Tabs } from "./tabs";
import { Typing } from "./typing";
import { Unread } from "./unread";
import { whyGone } from "./why";

export interface PageHooks {
  /** The room is on the screen. */
  shown(): void;
  renewed(token: string): void;
  /** This person is shown out. */
  gone(problem: Problem): void;
}

/** What the page shows of a room alone. */
const ROOM_ONLY = ["room", "room-name", "connection", "copy-link"];
const REPORT_MS = 5_000;

/** The room on the screen: the session's state goes to the parts, their commands go to the session. */
export class RoomPage {
  private readonly session: RoomSession;
  private readonly lapse: Lapse;
  private readonly stage: Stage;
  private readonly parts: { show(state: State): void }[];
  private readonly company: Company;
  private readonly connection: ConnectionView;
  private done: (() => void) | null = null;

  constructor(
    api: Api,
    private readonly clock: ServerClock,
    private readonly me: Identity,
    private readonly id: string,
    ticket: string,
    private readonly hooks: PageHooks,
  ) {
    const send = (command: Command) => this.send(command);
    this.lapse = new Lapse(() => clock.now(), (state) => this.show(state));
    this.session = new RoomSession(api, id, ticket, {
      changed: (state) => this.lapse.take(state),
      told: (roster) => this.company.told(roster),
      linked: (link) => {
        this.connection.show(link);
        this.company.connected(link.kind === "live");
        this.stage.connected(link.kind === "live");
        if (link.kind === "live") clock.refresh();
      },
      renewed: (token) => hooks.renewed(token),
      gone: (problem) => this.end(problem),
    });
    this.connection = new ConnectionView(() => this.session.nudge(), () => clock.rttMs);
    const command = (said: Command) => this.session.command(said);
    const people = new People({ me: me.id, room: id, command, now: () => clock.now() ?? Date.now(), servers: () => api.live() });
    const members = new Members(me.id, (member) => people.openMember(member), () => void this.copyLink());
    this.company = new Company(me.id, members, (state) => this.session.present(state));
    this.stage = new Stage(me.id, clock, {
      send,
      duration: (item, ms) => this.tellDuration(item, ms),
      readiness: (readiness) => this.company.player(readiness),
      playback: () => api.playback(id),
      chat: () => {
        tabs.select("chat-panel");
        byId("chat-text", HTMLElement).focus();
      },
    });
    const playlist = new Playlist(me.id, send);
    const history = new History(async (after, limit) => (await api.events(id, after, limit)).events);
    const seekTo = (ms: number) => this.stage.seekTo(ms);
    const tabs = new Tabs(byId("tabs", HTMLElement), () => this.session.state && this.lapse.take(this.session.state));
    const unread = new Unread(me.id, tabs);
    const timeline = new Deferred(async () => new (await import("./timeline")).Timeline(history, (seq) => api.room(id, seq)));
    const settings = new Deferred(async () => {
      const { RoomSettings } = await import("./room_settings");
      return new RoomSettings(me.id, command, () => people.openRoles());
    });
    const names = () => (this.session.state === null ? null : namesOf(history, this.session.state));
    explainRights(
      { explain: (permission, member) => api.explain(id, permission, member), find: (event) => history.find(event), names, me: me.id },
      (seq) => {
        tabs.select("timeline-panel");
        timeline.with((there) => there.look(seq));
      },
    );
    this.parts = [
      this.stage,
      history,
      playlist,
      this.company,
      people,
      new GoLive(me.id, () => people.openLive()),
      new Concerns(me.id),
      new Doors(me.id, tabs, { send, openInvites: () => people.openInvites(), openBans: () => people.openBans() }),
      new Chat(me.id, history, { send, seekTo }, new Typing((typing) => this.session.typing(typing))),
      timeline,
      unread,
      settings,
    ];
  }

  /** Resolves when the room is on the screen, or cannot be. */
  open(): Promise<void> {
    const nudge = () => this.session.nudge();
    window.addEventListener("online", nudge);
    window.addEventListener("offline", nudge);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && nudge());
    byId("copy-link", HTMLButtonElement).addEventListener("click", () => void this.copyLink());
    setInterval(() => this.report(), REPORT_MS);
    const opened = new Promise<void>((done) => (this.done = done));
    this.session.start();
    return opened;
  }

  /** The server's time, by the room's connection. */
  time(t0: number): Promise<{ t1: number; t2: number }> {
    return this.session.time(t0);
  }

  /** A start is scheduled so that it is heard of everywhere in time: the server has to know how far away people are. */
  private report(): void {
    const { rttMs } = this.clock;
    if (rttMs === null) return;
    const { skewMs, bufferedMs } = this.stage.status();
    this.company.reported(this.session.report(skewMs, rttMs, bufferedMs));
  }

  private reveal(): void {
    for (const id of ROOM_ONLY) byId(id, HTMLElement).hidden = false;
    this.hooks.shown();
    byId("room-name", HTMLElement).focus();
    this.opened();
  }

  private opened(): void {
    this.done?.();
    this.done = null;
  }

  private show(state: State): void {
    const { room } = state;
    if (!room.members.some(({ id }) => id === this.me.id)) {
      return this.leave(new Problem(403, "not_a_member", whyGone(state, this.me.id) ?? reasons.removed));
    }
    if (this.done !== null) this.reveal();
    document.title = `${room.name} · SyncTV`;
    byId("room-name", HTMLElement).textContent = room.name;
    this.connection.place(room);
    byId("closed", HTMLElement).hidden = !room.closed;
    for (const part of this.parts) part.show(state);
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
    const link = roomLink(location.origin, this.id);
    try {
      await navigator.clipboard.writeText(link);
      note(texts.linkCopied);
    } catch {
      // Without HTTPS there is no clipboard; a prompt lets people copy by hand.
      window.prompt(texts.linkPrompt, link);
    }
  }

  /** What was seen stays on the screen, unless this person may not see it any more. */
  private end(problem: Problem): void {
    if (problem.code !== "connection_ended" || this.done !== null) return this.leave(problem);
    byId("closed", HTMLElement).hidden = true;
    const ended = byId("ended", HTMLElement);
    ended.textContent = problem.message;
    ended.hidden = false;
  }

  private leave(problem: Problem): void {
    this.session.close();
    this.stage.stop();
    for (const id of ROOM_ONLY) byId(id, HTMLElement).hidden = true;
    this.hooks.gone(problem);
    this.opened();
  }
}

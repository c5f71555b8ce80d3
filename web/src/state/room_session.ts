import type { Api } from "../net/api";
import { Commands } from "../net/commands";
import { dial } from "../net/dial";
import { Exchanges } from "../net/exchanges";
import { Folded } from "./folded";
import { Following } from "../net/following";
import type { Link } from "../net/link";
import type { Message } from "../net/message";
import { NOBODY, tell, type PresenceState, type Report, type Roster } from "./presence";
import { isFinal, Problem } from "../net/problem";
import type { State } from "./reducer";
import { RoomSocket, type Wire } from "../net/socket";
import type { Command, CommandAnswer, Room, RoomEvent } from "./types";

export interface SessionHandlers {
  changed(state: State): void;
  /** Who is there. */
  told(roster: Roster): void;
  linked(link: Link): void;
  /** There is a new token. */
  renewed(token: string): void;
  /** The room cannot be followed any longer. */
  gone(problem: Problem): void;
}

/** How many events before the snapshot are read for the chat and the log. */
const PAST = 500;

/** One room as this client sees it, and what it says there. */
export class RoomSession {
  private readonly folded: Folded;
  private readonly socket: RoomSocket;
  private readonly following: Following;
  private readonly commands: Commands;
  private readonly exchanges: Exchanges;
  private roster = NOBODY;
  private presence: PresenceState | null = null;
  private ended = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly api: Api,
    private readonly id: string,
    /** For the first connection. */
    private ticket: string | null,
    private readonly handlers: SessionHandlers,
  ) {
    const say = (message: object) => this.socket.say(message);
    this.socket = new RoomSocket({
      dial: (renewed) => this.dial(renewed),
      opened: () => this.opened(),
      heard: (message) => this.hear(message),
      lost: () => this.lost(),
      waiting: (ms) => handlers.linked({ kind: "waiting", ms }),
      ended: (problem) => this.leave(problem),
    });
    this.folded = new Folded((room) => this.past(room), (state) => !this.ended && handlers.changed(state));
    this.following = new Following({
      place: () => this.state?.room ?? null,
      snapshot: (room) => void this.folded.begin(room),
      event: (event) => this.folded.take(event) === "stale" && this.following.afresh(),
      live: (arrival) => handlers.linked({ kind: "live", arrival }),
      refused: () => this.socket.drop(),
      say,
    });
    this.commands = new Commands({ say, call: (command, key) => api.command(id, command, key) });
    this.exchanges = new Exchanges(say, (t0) => api.time(t0));
  }

  get state(): State | null {
    return this.folded.state;
  }

  /** Follows the room until it is closed or gone. */
  start(): void {
    void this.socket.start();
  }

  close(): void {
    this.ended = true;
    this.following.stop();
    this.socket.close();
    // What is under way may still be answered.
    this.commands.lost();
  }

  /** To be called when the network may be another one. */
  nudge(): void {
    if (!this.ended) this.socket.nudge();
  }

  /** Issues commands one after the other; resolves once the effect is part of the state. */
  command(command: Command): Promise<CommandAnswer> {
    const turn = this.last.then(() => this.issue(command));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** The server's time. */
  time(t0: number): Promise<{ t1: number; t2: number }> {
    return this.exchanges.ask(t0);
  }

  /** Tells the others how this person is, on this connection and the next ones. */
  present(state: PresenceState): void {
    if (state === this.presence) return;
    this.presence = state;
    this.socket.say({ presence: { state } });
  }

  typing(typing: boolean): void {
    this.socket.say({ typing });
  }

  /** Tells the room how far away this person is, and how well the player follows. */
  report(skewMs: number | null, rttMs: number, bufferedMs: number): Report {
    const skew_ms = skewMs === null ? null : Math.round(skewMs);
    const report = { skew_ms, rtt_ms: Math.round(rttMs), buffered_ms: Math.round(bufferedMs) };
    this.socket.say({ report });
    return report;
  }

  private async dial(renewed: boolean): Promise<Wire> {
    this.handlers.linked({ kind: "connecting" });
    if (renewed) this.handlers.renewed(await this.api.renew());
    const ticket = this.ticket ?? (await this.api.ticket(this.id)).ticket;
    this.ticket = null;
    return dial(this.id, ticket);
  }

  private opened(): void {
    this.following.start();
    this.commands.opened();
    this.show(NOBODY);
    if (this.presence !== null) this.socket.say({ presence: { state: this.presence } });
  }

  private lost(): void {
    this.following.stop();
    this.commands.lost();
    this.exchanges.lost();
    this.show({ ...this.roster, typing: [] });
  }

  private hear(message: Message): void {
    if (message.ephemeral !== undefined) return this.show(tell(this.roster, message.ephemeral));
    if (message.clock !== undefined) return this.exchanges.hear(message.clock);
    if (message.token !== undefined) return void this.renew();
    if (message.reply !== undefined) this.commands.hear(message.reply);
    this.following.hear(message);
  }

  /** The socket goes on with the new token. Should it fail, the socket ends when the old one does. */
  private async renew(): Promise<void> {
    try {
      const token = await this.api.renew();
      this.handlers.renewed(token);
      this.socket.say({ id: "auth", auth: { token } });
    } catch (error) {
      if (error instanceof Problem && isFinal(error)) this.leave(error);
    }
  }

  private async past(room: Room): Promise<readonly RoomEvent[]> {
    const after = `${room.epoch}:${Math.max(0, room.seq - PAST)}`;
    return (await this.api.events(this.id, after, PAST)).events;
  }

  private async issue(command: Command): Promise<CommandAnswer> {
    const answer = await this.commands.issue(command);
    // Without the socket they come with the answer alone; what does not fit yet comes by the socket.
    for (const event of answer.events) this.folded.take(event);
    await this.folded.reached(answer.seq);
    return answer;
  }

  private show(roster: Roster): void {
    this.roster = roster;
    this.handlers.told(roster);
  }

  private leave(problem: Problem): void {
    if (this.ended) return;
    this.close();
    this.handlers.linked({ kind: "ended" });
    this.handlers.gone(problem);
  }
}

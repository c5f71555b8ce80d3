import { foldRoom } from "./reducer_room";
import type { Room, RoomEvent } from "./types";

/** The room after each event of a run, folded from one that was read. */
export class PastRooms {
  private rooms = new Map<number, Room>();
  private events: readonly RoomEvent[] = [];
  private working: Promise<void> = Promise.resolve();

  constructor(
    /** The room as it was after an event. */
    private readonly read: (seq: number) => Promise<Room>,
  ) {}

  /** The room after this event; undefined as long as it is not known. */
  after(seq: number): Room | undefined {
    return this.rooms.get(seq);
  }

  /** Whether this is known of all these events. */
  covers(events: readonly RoomEvent[]): boolean {
    return events === this.events;
  }

  /** Gets to know the rooms along an unbroken run of events. */
  follow(events: readonly RoomEvent[]): Promise<void> {
    this.working = this.working.catch(() => undefined).then(() => this.fold(events));
    return this.working;
  }

  private async fold(events: readonly RoomEvent[]): Promise<void> {
    const rooms = new Map<number, Room>();
    let before: Room | undefined;
    for (const event of events) {
      // An event can say too little to fold it.
      const room = this.rooms.get(event.seq) ?? (before && foldRoom(before, event)) ?? (await this.read(event.seq));
      rooms.set(event.seq, room);
      before = room;
    }
    this.rooms = rooms;
    this.events = events;
  }
}

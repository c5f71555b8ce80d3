import { byId } from "./dom";
import { roomIn } from "./route";
import { complain } from "./toast";

export interface Entry {
  displayName: string;
  /** The room to join, or null to create one. */
  room: string | null;
  newRoomName: string;
}

/** The form before the room: a name, and a room to create or to join. */
export class Gate {
  private readonly section = byId("gate", HTMLElement);
  private readonly name = byId("display-name", HTMLInputElement);
  private readonly roomName = byId("new-room-name", HTMLInputElement);
  private readonly submit = byId("gate-submit", HTMLButtonElement);
  private room: string | null = null;

  constructor(enter: (entry: Entry) => Promise<void>) {
    byId("gate-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const displayName = this.name.value.trim();
      const newRoomName = this.roomName.value.trim();
      this.submit.disabled = true;
      void enter({ displayName, room: this.room, newRoomName })
        .catch(complain)
        .finally(() => (this.submit.disabled = false));
    });
    const link = byId("room-link", HTMLInputElement);
    byId("link-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const room = roomIn(link.value.trim());
      if (room === null) return complain(new Error("This is no room link: it should end in /r/room_…"));
      this.open(room, this.name.value);
      this.name.focus();
    });
  }

  /** Shows the gate of a room, or of a room to be; to who was shown out, with the reason. */
  open(room: string | null, displayName: string, reason = ""): void {
    const why = byId("gate-reason", HTMLElement);
    why.textContent = reason;
    why.hidden = reason === "";
    this.room = room;
    this.name.value = displayName;
    const joining = room !== null;
    byId("gate-intro", HTMLElement).textContent = joining
      ? "You are invited to a room. Say who you are and come in."
      : "Create a room and send its link to the others.";
    byId("new-room", HTMLElement).hidden = joining;
    // A hidden field must not hold the form back.
    this.roomName.disabled = joining;
    byId("link-form", HTMLElement).hidden = joining;
    this.submit.textContent = joining ? "Join the room" : "Create a room";
    this.section.hidden = false;
  }

  close(): void {
    this.section.hidden = true;
  }
}

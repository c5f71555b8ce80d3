import { gate as texts } from "../strings";
import { byId } from "./dom";
import { Field } from "./field";
import { roomIn } from "./route";
import { whyNotIn } from "./why";

export interface Entry {
  displayName: string;
  /** The room to join, or null to create one. */
  room: string | null;
  newRoomName: string;
  listed: boolean;
}

/** The form before the room: a name, and a room to create or to join. */
export class Gate {
  private readonly section = byId("gate", HTMLElement);
  private readonly name = new Field("display-name");
  private readonly roomName = new Field("new-room-name");
  private readonly link = new Field("room-link");
  private readonly listed = byId("new-room-listed", HTMLInputElement);
  private readonly submit = byId("gate-submit", HTMLButtonElement);
  private readonly problem = byId("gate-problem", HTMLElement);
  private readonly reason = byId("gate-reason", HTMLElement);
  private room: string | null = null;

  constructor(private readonly enter: (entry: Entry) => Promise<void>) {
    byId("gate-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.go();
    });
    byId("link-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const room = roomIn(this.link.value);
      if (room === null) return this.link.complain(texts.noRoomLink);
      this.open(room, this.name.value);
    });
  }

  /** Shows the gate of a room, or of a room to be; to who was shown out, with the reason. */
  open(room: string | null, displayName: string, reason = ""): void {
    this.reason.hidden = reason === "";
    this.reason.textContent = reason;
    this.room = room;
    this.name.value = displayName;
    this.problem.textContent = "";
    const joining = room !== null;
    const said = !joining ? texts.create : reason === "" ? texts.join : texts.back;
    const title = byId("gate-title", HTMLElement);
    title.textContent = said.title;
    byId("gate-intro", HTMLElement).textContent = said.intro;
    this.submit.textContent = said.submit;
    byId("new-room", HTMLElement).hidden = joining;
    byId("link-form", HTMLElement).hidden = joining;
    byId("gate-another", HTMLElement).hidden = !joining;
    this.section.hidden = false;
    if (reason !== "") title.focus();
    else if (displayName === "") this.name.focus();
    else if (joining) this.submit.focus();
    else this.roomName.focus();
  }

  close(): void {
    this.section.hidden = true;
  }

  private async go(): Promise<void> {
    const { room } = this;
    const [displayName, newRoomName] = [this.name.value, this.roomName.value];
    this.problem.textContent = "";
    this.reason.hidden = true;
    // The first field that is wrong has the focus in the end.
    if (room === null && newRoomName === "") this.roomName.complain(texts.roomNameMissing);
    if (displayName === "") this.name.complain(texts.nameMissing);
    if (displayName === "" || (room === null && newRoomName === "")) return;
    this.submit.disabled = true;
    try {
      await this.enter({ displayName, room, newRoomName, listed: this.listed.checked });
    } catch (error) {
      this.problem.textContent = whyNotIn(error);
    }
    this.submit.disabled = false;
    if (!this.section.hidden) this.submit.focus();
  }
}

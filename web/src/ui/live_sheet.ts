import { ffmpegLine, streamKey } from "../live/publishing";
import { from, moment, SPANS, type Span } from "../moments";
import { hindrance } from "../state/hindrance";
import type { State } from "../state/reducer";
import type { Command, CommandAnswer } from "../state/types";
import { chat, spans } from "../strings";
import { publish as texts } from "../strings/live";
import { confirm } from "./confirm";
import { CopyRow, type Copy } from "./copy_row";
import { el } from "./dom";
import { LiveKeys } from "./live_keys";
import { LiveServer } from "./live_server";
import { giveOptions } from "./options";
import { bar, onUse } from "./permitted";
import { part, Sheet } from "./sheet";
import { putProblem } from "./why_button";

export interface LiveSheetUses {
  me: string;
  room: string;
  /** Throws what it is refused with. */
  send(command: Command): Promise<CommandAnswer>;
  servers(): Promise<{ publish: { url: string }[] }>;
  now(): number;
  copy: Copy;
}

const ENDS: readonly Span[] = ["hour", "day", "week", "month"];

/** All that it takes to publish a live stream: where to, with which key, and how; and what stops it. */
export class LiveSheet {
  private readonly sheet = new Sheet("go-live");
  private readonly running = el("p");
  private readonly stop = el("button", "danger", texts.stop);
  private readonly end = el("select");
  private readonly make = el("button", "primary", texts.make);
  private readonly made = el("div", "made");
  private readonly key: CopyRow;
  private readonly ffmpeg: CopyRow;
  private readonly problem = el("p", "problem");
  private readonly how: HTMLElement[];
  private readonly keys: LiveKeys;
  private readonly server: LiveServer;
  private state: State | null = null;
  private url = "";

  constructor(private readonly uses: LiveSheetUses) {
    this.key = new CopyRow("live-key", texts.key, uses.copy, texts.copiedSecret);
    this.ffmpeg = new CopyRow("live-ffmpeg", texts.ffmpegLine, uses.copy);
    this.keys = new LiveKeys(uses.me, (key_id) => void this.send({ type: "live.revoke_key", key_id }));
    this.server = new LiveServer(uses.servers, uses.copy, (urls) => this.told(urls));
    this.how = [part(texts.newKey, this.form(), this.made), part(texts.obs, steps()), part(texts.ffmpeg, this.ffmpeg.root)];
    this.furnish();
  }

  open(): void {
    putProblem(this.problem, null);
    this.forget();
    this.render();
    this.sheet.open();
    void this.server.look();
  }

  show(state: State): void {
    this.state = state;
    if (this.sheet.isOpen) this.render();
  }

  private furnish(): void {
    this.problem.role = "alert";
    this.running.id = "live-running";
    this.running.dir = "auto";
    this.stop.id = "live-stop";
    this.stop.type = "button";
    onUse(this.stop, () => void this.stopIt());
    this.sheet.title(texts.title);
    this.sheet.body.append(
      part(texts.running, this.running, this.stop, this.problem),
      part(texts.server, this.server.root),
      ...this.how,
      part(texts.keys, this.keys.none, this.keys.root),
    );
    for (const section of this.how) section.hidden = true;
    this.sheet.root.addEventListener("close", () => this.forget());
  }

  private form(): HTMLElement {
    const [form, label] = [el("form", "invite-form"), el("label", "field", texts.goodFor)];
    giveOptions(this.end, ENDS.map((value) => ({ value, text: spans.names[value] })));
    this.end.id = "live-key-end";
    this.end.value = "day";
    this.make.id = "live-key-make";
    this.made.append(this.key.root, el("p", "hint", texts.once));
    label.append(this.end);
    form.append(label, this.make);
    form.addEventListener("submit", (event) => event.preventDefault());
    onUse(this.make, () => void this.create());
    return form;
  }

  private render(): void {
    if (this.state === null) return;
    const { room, names } = this.state;
    const { live } = room;
    const { me } = this.uses;
    this.running.textContent = live === null ? texts.nobody : texts.since(names[live.by] ?? chat.someone, moment(live.started_at));
    this.stop.hidden = live === null;
    bar(this.stop, live?.by === me ? null : hindrance(room, me, "live.stop"));
    bar(this.make, hindrance(room, me, "live.publish"));
    this.keys.show(this.state);
  }

  private told(urls: readonly string[]): void {
    this.url = urls[0] ?? "";
    for (const section of this.how) section.hidden = urls.length === 0;
    this.forget();
  }

  private async create(): Promise<void> {
    const expires_at = from(this.uses.now(), SPANS[this.end.value as Span]);
    const key = (await this.send({ type: "live.create_key", expires_at }))?.secret?.key;
    if (key === undefined || !this.sheet.isOpen) return;
    this.tell(streamKey(this.uses.room, key));
    this.made.hidden = false;
    this.key.focus();
  }

  /** The key is shown until the sheet is closed, and then never again. */
  private forget(): void {
    this.made.hidden = true;
    this.key.put("");
    this.ffmpeg.put(ffmpegLine(this.url, texts.keyHere));
  }

  private tell(key: string): void {
    this.key.put(key);
    this.ffmpeg.put(ffmpegLine(this.url, key));
  }

  private async stopIt(): Promise<void> {
    const sure = await confirm({ title: texts.stopTitle, text: texts.stopText, go: texts.stop });
    if (sure !== null) await this.send({ type: "live.stop" });
  }

  private async send(command: Command): Promise<CommandAnswer | null> {
    putProblem(this.problem, null);
    try {
      return await this.uses.send(command);
    } catch (error) {
      putProblem(this.problem, error);
      // What was pressed may lie far below.
      this.problem.scrollIntoView({ block: "nearest" });
      return null;
    }
  }
}

function steps(): HTMLElement {
  const list = el("ol", "steps");
  for (const step of texts.obsSteps) list.append(el("li", "", step));
  return list;
}

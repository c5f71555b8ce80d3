import { publish as texts } from "../strings/live";
import { CopyRow, type Copy } from "./copy_row";
import { el } from "./dom";
import { putProblem } from "./why_button";

/** Where to publish to, as the server says. */
export class LiveServer {
  readonly root = el("div", "copies");
  private readonly news = el("p");
  private readonly rows = el("div", "copies");
  private asked = false;

  constructor(
    private readonly ask: () => Promise<{ publish: { url: string }[] }>,
    private readonly copy: Copy,
    /** The addresses, once they are known; none: no live streams are taken. */
    private readonly told: (urls: readonly string[]) => void,
  ) {
    this.news.id = "live-server-news";
    this.news.role = "status";
    this.root.append(this.news, this.rows);
  }

  /** Asks, unless it is known. */
  async look(): Promise<void> {
    if (this.asked) return;
    this.asked = true;
    this.say("hint", texts.asking);
    try {
      const { publish } = await this.ask();
      this.show(publish.map(({ url }) => url));
    } catch (error) {
      this.asked = false;
      this.say("problem", " ");
      putProblem(this.news, error);
    }
  }

  private show(urls: readonly string[]): void {
    this.say(urls.length === 0 ? "notice" : "hint", urls.length === 0 ? texts.off : "");
    // Should it be turned on, the sheet tells so when it is opened the next time.
    this.asked = urls.length > 0;
    this.rows.replaceChildren(
      ...urls.map((url, at) => {
        const row = new CopyRow(`live-server-${at}`, texts.address, this.copy);
        row.put(url);
        return row.root;
      }),
    );
    this.told(urls);
  }

  private say(className: string, text: string): void {
    this.news.className = className;
    this.news.textContent = text;
    this.news.hidden = text === "";
  }
}

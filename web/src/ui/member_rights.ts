import { hindrance, hindranceAbout, type Hindrance } from "../state/hindrance";
import { differing, NOTHING_SAID, overridesOf } from "../state/overrides";
import { ceiling, reaches, type Permission } from "../state/permissions";
import type { State } from "../state/reducer";
import { holds, lacking } from "../state/rights";
import { sayOver } from "../state/say_over";
import type { Command, Member, Overrides, Room } from "../state/types";
import { members as texts, reasons, rights, chat } from "../strings";
import { DraftBar } from "./draft_bar";
import { el } from "./dom";
import { RightsList } from "./rights_list";
import { part } from "./sheet";

/** What one member may do, what was said of their rights in particular, and how to say something else. */
export class MemberRights {
  readonly root: HTMLElement;
  private readonly heading: HTMLElement;
  private readonly list: RightsList;
  private readonly bar: DraftBar<Overrides>;
  private state: State | null = null;
  private member = "";
  /** What was chosen and not saved yet, and the room on which that began. */
  private draft: { overrides: Overrides; base: Room } | null = null;

  constructor(
    private readonly me: string,
    /** The room as it is now, if that is in the way. */
    private readonly say: (command: Command) => Promise<Room | "done">,
  ) {
    this.list = new RightsList((overrides) => this.choose(overrides), () => this.member);
    this.bar = new DraftBar<Overrides>({
      save: () => this.save(),
      undo: () => this.drop(),
      keep: ({ room }) => this.draft && (this.draft = { ...this.draft, base: room }),
      changedBy: () => this.changer(),
      what: texts.theseRights,
    });
    this.root = part(" ", el("p", "hint", texts.rightsHint), this.list.root, this.bar.root);
    this.heading = this.root.querySelector("h3") ?? this.root;
  }

  show(state: State, member: Member): void {
    if (member.id !== this.member) this.draft = null;
    this.state = state;
    this.member = member.id;
    this.heading.textContent = texts.rightsTitle(member.id === this.me ? texts.yourself : (member.display_name ?? chat.someone), member.id === this.me);
    this.render();
  }

  private render(): void {
    const room = this.state?.room;
    const member = room?.members.find(({ id }) => id === this.member);
    if (room === undefined || member === undefined) return;
    const kept = overridesOf(room, this.member) ?? NOTHING_SAID;
    const shown = this.draft?.overrides ?? kept;
    const all = hindranceAbout(room, this.me, this.member, "permissions.override");
    const name = member.display_name ?? chat.someone;
    this.list.show(name, shown, kept, (permission) => ({
      may: lacking(room.settings, { ...member, ...shown }, permission) === null,
      why: all ?? this.notOwn(room, permission),
      never: reaches(member.role, ceiling(permission)) ? null : rights.never(member.role),
    }));
    this.bar.show(this.draft === null ? 0 : differing(shown, kept).length);
  }

  /** Nobody gives or takes what they lack. */
  private notOwn(room: Room, permission: Permission): Hindrance | null {
    const mine = room.members.find(({ id }) => id === this.me);
    if (mine !== undefined && holds(room.settings, mine, permission)) return null;
    return { text: rights.notOwn, ...(hindrance(room, this.me, permission) === null ? {} : { lacks: permission }) };
  }

  private choose(overrides: Overrides): void {
    const room = this.state?.room;
    if (room === undefined) return;
    this.draft = { overrides, base: this.draft?.base ?? room };
    this.render();
  }

  private drop(): void {
    this.draft = null;
    this.render();
  }

  private async save() {
    if (this.draft === null) return { kind: "saved" as const };
    const { overrides, base } = this.draft;
    const command = { type: "member.override_permissions", member: this.member, ...overrides };
    return sayOver({
      base,
      wanted: overrides,
      read: (room) => overridesOf(room, this.member) ?? NOTHING_SAID,
      same: (one, other) => differing(one, other).length === 0,
      say: (over) => this.say({ ...command, expect: { members: over.versions.members } }),
    });
  }

  private changer(): string {
    const changes = this.state?.log.filter(({ type, data }) => type === "member.permissions_overridden" && data?.["member"] === this.member);
    return this.state?.names[changes?.at(-1)?.actor?.id ?? ""] ?? reasons.somebody;
  }
}

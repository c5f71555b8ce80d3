import { Api } from "./net/api";
import { enter as enterRoom, isLetIn, type Admission } from "./net/door";
import { Problem } from "./net/problem";
import { gate as gateTexts } from "./strings";
import { ServerClock } from "./sync/clock";
import { byId } from "./ui/dom";
import { Gate, type Entry } from "./ui/gate";
import * as identity from "./ui/identity";
import type { Identity } from "./ui/identity";
import { applyLook, followOtherTabs, prefer, prefs, watchPrefs } from "./ui/prefs";
import { RoomPage } from "./ui/room_page";
import { inviteIn, roomIn, roomLink } from "./ui/route";
import { openableSettings } from "./ui/settings";
import { fillTexts } from "./ui/texts";
import { Waiting } from "./ui/waiting";
import { whyNotIn } from "./ui/why";

fillTexts(document);
watchPrefs((chosen) => applyLook(chosen));
followOtherTabs();
openableSettings();
const api = new Api();
const clock = new ServerClock((t0) => page?.time(t0) ?? api.time(t0));
const gate = new Gate(enter, wait);
let me: Identity | null = null;
let page: RoomPage | null = null;
let waiting: Waiting | null = null;

function become(someone: Identity | null): void {
  me = someone;
  api.token = someone?.token ?? null;
  if (someone === null) identity.forget();
  else identity.save(someone);
}

/** From the gate: becomes a guest unless this tab is already the one named, then creates or joins the room. */
async function enter(entry: Entry): Promise<Admission> {
  // Some browsers let an element play on its own once it was used within a click, which this still is.
  byId("video", HTMLVideoElement).load();
  try {
    return await enterAs(entry);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401 && me !== null)) throw error;
    // The kept token ran out, and the person is waiting: a new guest it is.
    become(null);
    return enterAs(entry);
  }
}

async function enterAs(entry: Entry): Promise<Admission> {
  const { displayName, newRoom } = entry;
  prefer({ name: displayName });
  if (me === null || me.name !== displayName) become(identity.recall(displayName) ?? identity.ofGuest(await api.createGuest(displayName)));
  const id = entry.room ?? (await api.createRoom(newRoom)).room_id;
  const admission = entry.room === null ? "in" : await enterRoom(api, id, entry);
  if (admission === "in") await open(id);
  return admission;
}

/** Whoever knocked waits here, until they are let in or sent away. */
function wait(room: string): void {
  const text = byId("waiting-text", HTMLElement);
  const over = (reason: string) => {
    byId("waiting", HTMLElement).hidden = true;
    showGate(room, reason);
  };
  const now = new Waiting({
    ask: () => isLetIn(api, room),
    letIn: () => void open(room).catch((error: unknown) => over(whyNotIn(error))),
    over: (problem) => over(whyNotIn(problem)),
    waited: (ms) => put(text, gateTexts.waiting.text(Math.floor(ms / 60_000))),
  });
  byId("waiting", HTMLElement).hidden = false;
  gate.wait();
  byId("waiting-stop", HTMLButtonElement).onclick = () => {
    now.stop();
    over("");
  };
  waiting = now;
}

function put(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Opens a room that this person is a member of. */
async function open(id: string): Promise<void> {
  if (me === null) throw Problem.from(401, null);
  // Who is not a member gets no ticket.
  const { ticket } = await api.ticket(id);
  history.replaceState(null, "", roomLink("", id));
  // A page shows one room once, so that no part of it ever has to be taken down.
  if (page !== null) return location.reload();
  page = new RoomPage(api, clock, me, id, ticket, { shown: () => gate.close(), renewed, gone: leave });
  clock.start();
  window.addEventListener("online", () => clock.refresh());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && clock.refresh());
  await page.open();
}

function renewed(token: string): void {
  if (me !== null) become({ ...me, token });
}

/** The room is over for this person, who may try to come back. */
function leave(problem: Problem): void {
  if (problem.status === 401) become(null);
  showGate(roomIn(location.href), problem.code === "not_a_member" ? problem.message : whyNotIn(problem));
}

async function start(): Promise<void> {
  const room = roomIn(location.href);
  const kept = identity.load();
  if (kept !== null) become(kept);
  if (room !== null && me !== null) {
    try {
      return await open(room);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) become(null);
      // A stranger to the room is a guest who has yet to join.
      return showGate(room, error instanceof Problem && error.code === "not_a_member" ? "" : whyNotIn(error));
    }
  }
  showGate(room);
}

function showGate(room: string | null, reason = ""): void {
  gate.open(room, me?.name ?? prefs().name, reason, inviteIn(location.href));
}

document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && waiting?.nudge());
window.addEventListener("online", () => waiting?.nudge());
window.addEventListener("hashchange", () => location.reload());
void start();

import { afterwards } from "../net/later";
import { STEPS } from "../player/keys";
import { Steering } from "../player/steering";
import type { Readiness } from "../state/presence";
import type { State } from "../state/reducer";
import type { Command } from "../state/types";
import type { ServerClock } from "../sync/clock";
import type { Status } from "../sync/status";
import { Autoplay } from "./autoplay";
import { byId } from "./dom";
import { titleOf } from "./format";
import { HoldNotice } from "./hold_notice";
import { prepareForFullscreen } from "./fullscreen";
import { LiveSpot } from "./live_spot";
import type { LiveStageUses } from "./live_stage";
import { OwnControls } from "./own_controls";
import { Player } from "./player";
import { ReadyCheck } from "./ready_check";
import { Shortcuts } from "./shortcuts";
import { SyncIndicator } from "./sync_indicator";
import { complain } from "./toast";
import { Transport } from "./transport";
import { TroubleNotice } from "./trouble_notice";

export interface StageHooks {
  /** Issues a command; a refusal is shown, and answered with false. */
  send(command: Command): Promise<boolean>;
  duration(itemId: string, durationMs: number): void;
  readiness(readiness: Readiness): void;
  /** A person wants to write. */
  chat(): void;
  /** Where what the room shows can be had. */
  playback: LiveStageUses["playback"];
}

/** The video, and all that stands around it. */
export class Stage {
  private readonly steering: Steering;
  private readonly player: Player;
  private readonly own: OwnControls;
  private readonly indicator: SyncIndicator;
  private readonly live: LiveSpot;
  private readonly current = byId("current", HTMLElement);
  private readonly parts: { show(state: State): void }[];

  constructor(me: string, clock: ServerClock, hooks: StageHooks) {
    const video = byId("video", HTMLVideoElement);
    const stage = byId("stage", HTMLElement);
    const now = () => clock.now();
    this.steering = new Steering({
      me,
      now,
      later: afterwards,
      seenMs: () => this.player.positionMs(),
      durationMs: () => this.player.durationMs(),
      send: hooks.send,
      refused: (reason) => complain(new Error(reason)),
    });
    const autoplay = new Autoplay(video, () => this.player.unlock());
    const trouble = new TroubleNotice(() => this.player.reload());
    this.own = new OwnControls(video, stage);
    this.player = new Player(video, {
      clock,
      gesture: (command) => this.steering.gesture(command),
      blocked: () => autoplay.refused(),
      duration: hooks.duration,
      trouble: (kind) => trouble.show(kind),
      qualities: (qualities) => this.own.offer(qualities),
      readiness: hooks.readiness,
    });
    const transport = new Transport(this.steering, () => this.player.isLive);
    this.live = new LiveSpot({
      me,
      stage,
      screen: byId("screen", HTMLElement),
      under: video,
      autoplay,
      autoplayOf: (...of) => new Autoplay(...of),
      later: afterwards,
      attend: (shown) => this.own.attend(shown),
      playback: hooks.playback,
    });
    this.parts = [
      this.live,
      { show: ({ room }) => transport.show(room) },
      new HoldNotice(this.steering, now),
      new ReadyCheck(me, this.steering, now),
    ];
    this.indicator = new SyncIndicator(this.player.follower, clock, video);
    new Shortcuts(this.keys(hooks));
    prepareForFullscreen(stage);
    // A click on the way here is enough for most browsers.
    this.player.unlock();
  }

  show(state: State): void {
    const { room } = state;
    this.steering.show(room);
    for (const part of this.parts) part.show(state);
    const item = room.playlist.find(({ item_id }) => item_id === room.playback.item_id);
    this.player.show(room.playback, item ?? null);
    this.current.hidden = item === undefined;
    this.current.textContent = item === undefined ? "" : titleOf(item);
  }

  /** Whether it is heard what the room does. */
  connected(connected: boolean): void {
    this.indicator.connected(connected);
    if (connected) this.live.nudge();
  }

  stop(): void {
    this.player.stop();
    this.live.stop();
  }

  /** Takes the whole room to a place in the video. */
  seekTo(positionMs: number): void {
    this.steering.seekTo(positionMs);
  }

  status(): Status {
    return this.player.follower.status();
  }

  private keys({ chat }: StageHooks) {
    // Nobody steers what they do not see.
    const steer = (act: () => void) => () => this.live.isShown || act();
    const step = (action: keyof typeof STEPS) => steer(() => this.steering.seekBy(STEPS[action]));
    return {
      play: steer(() => this.steering.playOrPause()),
      back10: step("back10"),
      ahead10: step("ahead10"),
      back5: step("back5"),
      ahead5: step("ahead5"),
      mute: () => this.own.toggleMute(),
      fullscreen: () => this.own.toggleFullscreen(),
      captions: () => this.own.toggleCaptions(),
      chat,
      leave: () => this.own.leave(),
    };
  }
}

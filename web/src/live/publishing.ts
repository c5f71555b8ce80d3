import { refusal } from "../state/rights";
import type { LiveKey, Room } from "../state/types";

/** The keys that this person sees: their own, or all that they may revoke. */
export function keysFor(room: Room, me: string): LiveKey[] {
  return refusal(room, me, "live.stop") === null ? room.live_keys : room.live_keys.filter(({ by }) => by === me);
}

/** What goes into the field for the stream key. */
export function streamKey(room: string, key: string): string {
  return `${room}?key=${key}`;
}

/** A command that publishes a film; addresses and keys hold nothing that a shell takes apart within quotes. */
export function ffmpegLine(server: string, streamKey: string): string {
  const coded = "-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -g 60 -c:a aac";
  return `ffmpeg -re -i film.mp4 ${coded} -f flv '${server}/${streamKey}'`;
}

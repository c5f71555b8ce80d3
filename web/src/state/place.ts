/** How far a room's log has been folded. */
export interface Place {
  epoch: string;
  seq: number;
}

export function cursor({ epoch, seq }: Place): string {
  return `${epoch}:${seq}`;
}

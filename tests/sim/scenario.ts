import { test } from "node:test";
import { seeds } from "./seeds";

/** A case that must hold by whatever chance; a failure names the seed. */
export function scenario(name: string, holds: (seed: number) => Promise<void>): void {
  test(`scenario ${name}`, async () => {
    for (const seed of seeds()) {
      try {
        await holds(seed);
      } catch (error) {
        if (error instanceof Error) error.message = `SYNCTV_TEST_SEED=${seed}: ${error.message}`;
        throw error;
      }
    }
  });
}

const FIXED = [1, 2];
const SOME = 1;
const MANY = 40;

/** The same ones always, and some that nobody chose; a failure names its seed, `SYNCTV_TEST_SEED` repeats it. */
export function seeds(): number[] {
  const { SYNCTV_TEST_SEED: asked, SYNCTV_TEST_LONG: long } = process.env;
  if (asked) return [Number(asked)];
  const others = Array.from({ length: long ? MANY : SOME }, () => Math.floor(Math.random() * 2 ** 31));
  return [...FIXED, ...others];
}

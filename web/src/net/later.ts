/** Calls `then` after `ms`, unless the answer is called before. */
export type Later = (ms: number, then: () => void) => () => void;

export const afterwards: Later = (ms, then) => {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
};

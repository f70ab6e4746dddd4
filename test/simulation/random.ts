/** A stream of random numbers that a seed decides. Each part of the world has its own, so that one does not shift another's. */
export interface Random {
  /** 0 <= x < 1. */
  next(): number;
  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** A number from `min` to `max`. */
  between(min: number, max: number): number;
  /** Spread over magnitudes: as many below the geometric middle as above it. */
  magnitude(min: number, max: number): number;
  /** Mostly like `magnitude`, but near `max` every other time: what may be slow is. */
  delay(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** A stream of its own for a named part. */
  fork(name: string): Random;
}

/** @param seed any integer; equal seeds give equal streams. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32: small, fast, and good enough to choose faults with.
  const next = (): number => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const random: Random = {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    between: (min, max) => min + next() * (max - min),
    magnitude: (min, max) => min * (max / min) ** next(),
    delay: (min, max) => (next() < 0.5 ? max * (0.8 + 0.2 * next()) : min * (max / min) ** next()),
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    fork: (name) => createRandom(hash(`${seed} ${name}`)),
  };
  return random;
}

function hash(text: string): number {
  let value = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x0100_0193);
  return value >>> 0;
}

// A seeded source of random values, so that a failure can be had again.

/** Random values from one seed. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, limit). */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  /** Up to `limit` code units of any Unicode, lone surrogates and what is special to text formats among them. */
  text(limit: number): string;
}

const SPECIAL = [
  '\\',
  '"',
  '\n',
  '\r',
  '\t',
  '\0',
  '\\n',
  '{',
  '}',
  ',',
  '=',
  '#',
  ' ',
  '_',
  '.',
  'é',
  '名',
  '🦊',
  '\u2028',
  '\u0085',
];

/** Creates a generator (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[below(from.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  };
  const text = (limit: number) => {
    let result = '';
    for (let left = below(limit + 1); left > 0; left--) {
      const kind = next();
      if (kind < 0.4) result += pick(SPECIAL);
      else if (kind < 0.8) result += String.fromCharCode(0x20 + below(0x5f));
      else if (kind < 0.85) result += String.fromCharCode(0xd800 + below(0x800));
      else result += String.fromCodePoint(below(0x110000));
    }
    return result;
  };
  return { next, below, pick, text };
}

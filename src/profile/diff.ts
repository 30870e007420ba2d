// Two profiles beside each other: what of the time went where before, and where after.
import { timeOf } from './hot.js';
import { placeOf } from './place.js';
import type { Profile, ProfiledFunction } from './profile.js';
import { sameFunctions } from './same-functions.js';
import { outermostOf, totalsOf } from './tree.js';

/** Times of one side, in microseconds. */
export interface SideTime {
  readonly selfUs: number;
  readonly totalUs: number;
}

/** A function of either side. */
export interface DiffedFunction extends ProfiledFunction {
  /** Where it begins, on the later side where it is there. */
  readonly place: string;
  readonly before: SideTime;
  readonly after: SideTime;
  /** Which part of the busy time was its own, after less before: from −1 to 1. */
  readonly selfChange: number;
  /** The same with all that it called. */
  readonly totalChange: number;
}

/** A chain of calls of either side; threads are put together. */
export interface DiffedNode {
  /** Place of the caller, which always stands before; −1 for the first one, which stands for the whole. */
  readonly parent: number;
  /** Place in the list of functions; −1 for the first one. */
  readonly function: number;
  readonly beforeSelfUs: number;
  readonly afterSelfUs: number;
}

/** The difference of two profiles. Shares are of the time in which threads were not idle, so that lengths need not agree. */
export interface ProfileDiff {
  readonly beforeTitle: string;
  readonly afterTitle: string;
  readonly beforeBusyUs: number;
  readonly afterBusyUs: number;
  readonly functions: readonly DiffedFunction[];
  readonly nodes: readonly DiffedNode[];
}

/**
 * Compares two profiles. Functions are the same where name and file are, whatever the folder, the hash of a bundler, or the
 * line; those of one name in one file where their place is, as far as the lines around them have moved.
 *
 * @example
 * ```ts
 * const nothing = { title: 'shop', pid: 4711, nodeVersion: '', unixMs: 0, durationUs: 0, intervalUs: 1000 };
 * const profile = { ...nothing, functions: [], threads: [], notes: [] };
 * diff(profile, profile).functions; // []
 * ```
 */
export function diff(before: Profile, after: Profile): ProfileDiff {
  const functions: { code: ProfiledFunction; place: string; sides: [MutableTime, MutableTime] }[] = [];
  const places = new Map<string, number>();
  const nodes: { parent: number; function: number; self: [number, number] }[] = [
    { parent: -1, function: -1, self: [0, 0] },
  ];
  const placeOfCall = new Map<string, number>();

  const keys = sameFunctions(before, after);
  for (const [side, profile] of [before, after].entries()) {
    const known = (keys[side] ?? []).map((key, index) => {
      const code = profile.functions[index];
      let place = places.get(key);
      if (place === undefined) {
        place = functions.length;
        places.set(key, place);
        if (code !== undefined) functions.push({ code, place: placeOf(code, profile), sides: [noTime(), noTime()] });
      } else if (side === 1 && code !== undefined) {
        Object.assign(functions[place] ?? {}, { code, place: placeOf(code, profile) });
      }
      return place;
    });
    for (const thread of profile.threads) {
      const isIdle = (code: number) => profile.functions[code]?.origin === 'idle';
      const { nodes: called } = thread;
      const totals = totalsOf(called, profile.functions);
      const outermost = outermostOf(called, (node) => (node === called[0] ? -1 : (known[node.function] ?? -1)));
      const merged = new Int32Array(called.length);
      for (const [index, node] of called.entries()) {
        const code = known[node.function] ?? -1;
        if (index === 0 || isIdle(node.function)) continue;
        const parent = node.parent > 0 ? (merged[node.parent] ?? 0) : 0;
        const call = `${parent}:${code}`;
        let place = placeOfCall.get(call);
        if (place === undefined) {
          place = nodes.length;
          placeOfCall.set(call, place);
          nodes.push({ parent, function: code, self: [0, 0] });
        }
        merged[index] = place;
        const target = nodes[place];
        if (target !== undefined) target.self[side === 0 ? 0 : 1] += node.selfUs;
        const time = functions[code]?.sides[side];
        if (time === undefined) continue;
        time.selfUs += node.selfUs;
        if (outermost[index] === 1) time.totalUs += totals[index] ?? 0;
      }
    }
  }
  const [beforeBusyUs, afterBusyUs] = [timeOf(before).busyUs, timeOf(after).busyUs];
  const change = (from: number, to: number) => share(to, afterBusyUs) - share(from, beforeBusyUs);
  return {
    beforeTitle: before.title,
    afterTitle: after.title,
    beforeBusyUs,
    afterBusyUs,
    functions: functions.map(({ code, place, sides: [from, to] }) => ({
      ...code,
      place,
      before: from,
      after: to,
      selfChange: change(from.selfUs, to.selfUs),
      totalChange: change(from.totalUs, to.totalUs),
    })),
    nodes: nodes.map(({ parent, function: code, self: [beforeSelfUs, afterSelfUs] }) => {
      return { parent, function: code, beforeSelfUs, afterSelfUs };
    }),
  };
}

interface MutableTime {
  selfUs: number;
  totalUs: number;
}

const noTime = (): MutableTime => ({ selfUs: 0, totalUs: 0 });

const share = (us: number, ofUs: number): number => (ofUs === 0 ? 0 : us / ofUs);

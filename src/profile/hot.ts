// What the time of a profile went to, most first. The idle loop is left out: it is nobody's time.
import { fileOf, nameOf, placeOf } from './place.js';
import type { CodeOrigin, Profile, ProfiledFunction, ProfileNode, ThreadProfile } from './profile.js';
import { outermostOf, totalsOf } from './tree.js';

/** What a profile is ranked by. */
export type RankedBy = 'function' | 'line' | 'package' | 'thread';

export interface RankedRow {
  /** The function, the package or the thread; for lines the function that they are in. */
  readonly name: string;
  /** Where it is, as `src/shop.js:12`; empty where it is nowhere. */
  readonly place: string;
  readonly origin: CodeOrigin;
  /** Its own time, in microseconds. */
  readonly selfUs: number;
  /**
   * The same with all that it called; a recursion counts once. Of a line, which calls it made is not known: its own time.
   */
  readonly totalUs: number;
}

/** What a package of the application's own code is called. */
const APPLICATION = 'application';
const ENGINE = 'engine';

/**
 * Ranks what ran by its own time; only the threads with these ids where `threads` is given.
 *
 * @example
 * ```ts
 * const nothing = { title: 'shop', pid: 4711, nodeVersion: '', unixMs: 0, durationUs: 0, intervalUs: 1000 };
 * const profile = { ...nothing, functions: [], threads: [], notes: [] };
 * rank(profile, 'function'); // []
 * ```
 */
export function rank(profile: Profile, by: RankedBy, threads?: readonly number[]): readonly RankedRow[] {
  const rows = new Map<string, { -readonly [Key in keyof RankedRow]: RankedRow[Key] }>();
  const add = (key: string, row: Omit<RankedRow, 'selfUs' | 'totalUs'>, selfUs: number, totalUs: number) => {
    if (selfUs === 0 && totalUs === 0) return;
    const found = rows.get(key);
    if (found === undefined) rows.set(key, { ...row, selfUs, totalUs });
    else {
      found.selfUs += selfUs;
      found.totalUs += totalUs;
    }
  };
  for (const thread of chosen(profile, threads)) {
    if (by === 'thread') {
      const { busyUs } = timeOf(profile, [thread.threadId]);
      add(String(thread.threadId), { name: thread.thread, place: '', origin: 'application' }, busyUs, busyUs);
    } else if (by === 'line') rankLines(profile, thread, add);
    else rankBy(profile, thread, by === 'function' ? functionKinds(profile) : packageKinds(profile), add);
  }
  return [...rows.values()].sort((a, b) => b.selfUs - a.selfUs || b.totalUs - a.totalUs || compare(a.name, b.name));
}

/** How long the threads of a profile worked, and how long they were idle, in microseconds. */
export function timeOf(
  profile: Profile,
  threads?: readonly number[],
): { readonly busyUs: number; readonly idleUs: number } {
  let [busyUs, idleUs] = [0, 0];
  for (const { nodes } of chosen(profile, threads)) {
    for (const [index, node] of nodes.entries()) {
      // Of what was seen in no function at all nothing is known.
      if (index === 0) continue;
      if (profile.functions[node.function]?.origin === 'idle') idleUs += node.selfUs;
      else busyUs += node.selfUs;
    }
  }
  return { busyUs, idleUs };
}

type Add = (key: string, row: Omit<RankedRow, 'selfUs' | 'totalUs'>, selfUs: number, totalUs: number) => void;

/** Rows by number; −1 for functions that are in none. */
interface Kinds {
  readonly kindOf: (code: number) => number;
  readonly rows: readonly Omit<RankedRow, 'selfUs' | 'totalUs'>[];
}

function functionKinds(profile: Profile): Kinds {
  const { functions } = profile;
  return {
    kindOf: (code) => (functions[code]?.origin === 'idle' ? -1 : code),
    rows: functions.map((code) => ({ name: nameOf(code), place: placeOf(code, profile), origin: code.origin })),
  };
}

function packageKinds({ functions }: Profile): Kinds {
  const rows: Omit<RankedRow, 'selfUs' | 'totalUs'>[] = [];
  const places = new Map<string, number>();
  const kinds = functions.map((code) => {
    if (code.origin === 'idle') return -1;
    const key = `${code.origin} ${code.package}`;
    let place = places.get(key);
    if (place === undefined) {
      place = rows.length;
      places.set(key, place);
      rows.push({ name: packageName(code), place: '', origin: code.origin });
    }
    return place;
  });
  return { kindOf: (code) => kinds[code] ?? -1, rows };
}

function packageName({ origin, package: name }: ProfiledFunction): string {
  if (origin === 'application') return APPLICATION;
  return origin === 'engine' ? ENGINE : name;
}

function rankBy({ functions }: Profile, { nodes }: ThreadProfile, { kindOf, rows }: Kinds, add: Add): void {
  const totals = totalsOf(nodes, functions);
  // The first node stands for the thread.
  const keyOf = (node: ProfileNode) => (node === nodes[0] ? -1 : kindOf(node.function));
  const outermost = outermostOf(nodes, keyOf);
  for (const [index, node] of nodes.entries()) {
    const kind = keyOf(node);
    const row = rows[kind];
    if (row !== undefined) add(String(kind), row, node.selfUs, outermost[index] === 1 ? (totals[index] ?? 0) : 0);
  }
}

function rankLines(profile: Profile, { nodes }: ThreadProfile, add: Add): void {
  for (const [index, node] of nodes.entries()) {
    const code = profile.functions[node.function];
    if (code === undefined || code.origin === 'idle' || index === 0) continue;
    let known = 0;
    for (const [line, us] of node.lines) {
      known += us;
      const place = placeOf(code, profile, line);
      add(`${node.function}:${line}`, { name: nameOf(code), place, origin: code.origin }, us, us);
    }
    // What has no line of its own stands for its file.
    const rest = node.selfUs - known;
    add(`${node.function}`, { name: nameOf(code), place: fileOf(code, profile), origin: code.origin }, rest, rest);
  }
}

const chosen = ({ threads }: Profile, ids: readonly number[] | undefined): readonly ThreadProfile[] =>
  ids === undefined ? threads : threads.filter(({ threadId }) => ids.includes(threadId));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

// What a flame graph is drawn from: a profile in columns, a fifth of its size, so that it fits into a page.
import type { CodeOrigin, Profile, ProfiledFunction, ThreadProfile } from '../profile.js';

/** The functions of a profile, column by column. */
export interface FlameFunctions {
  readonly names: readonly string[];
  /** Places in `files`. */
  readonly file: readonly number[];
  readonly lines: readonly number[];
  readonly columns: readonly number[];
  readonly origins: readonly CodeOrigin[];
  readonly packages: readonly string[];
  readonly files: readonly string[];
  /** The dearest lines of each, dearest first. */
  readonly hotLines: readonly (readonly (readonly [line: number, selfUs: number])[])[];
}

/** One thread: its tree, and what was seen when. */
export interface FlameThread {
  readonly thread: string;
  readonly threadId: number;
  /** Places of callers, which stand before; −1 for none. */
  readonly parents: readonly number[];
  readonly functions: readonly number[];
  readonly selfUs: readonly number[];
  readonly startUs: number;
  /** Equal samples in a row are one run: a place in the tree, and how long it was seen, in turn. */
  readonly runs: readonly number[];
}

/** A profile as it stands in a page. */
export interface FlameData {
  readonly title: string;
  readonly pid: number;
  readonly nodeVersion: string;
  readonly unixMs: number;
  readonly durationUs: number;
  readonly intervalUs: number;
  readonly notes: readonly string[];
  readonly functions: FlameFunctions;
  readonly threads: readonly FlameThread[];
}

/** What a page of flame graphs has in it: one profile, or two that are compared. */
export type FlameContent = { readonly profile: FlameData } | { readonly before: FlameData; readonly after: FlameData };

const HOT_LINES = 8;

/** How functions and files are called in the graph. */
export interface FlameNames {
  nameOf(code: ProfiledFunction): string;
  fileOf(code: ProfiledFunction, profile: Profile): string;
}

/** What a browser can do: it has no paths of a machine. */
const PLAIN: FlameNames = {
  nameOf: ({ name }) => (name === '' ? '<anonymous>' : name),
  fileOf({ file }, { root = '' }) {
    const inPackage = file.lastIndexOf('/node_modules/');
    if (inPackage !== -1) return file.slice(inPackage + 1);
    return root !== '' && file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
  },
};

/** The columns of `profile`. */
export function flameData(profile: Profile, names: FlameNames = PLAIN): FlameData {
  const { title, pid, nodeVersion, unixMs, durationUs, intervalUs, notes } = profile;
  const facts = { title, pid, nodeVersion, unixMs, durationUs, intervalUs, notes };
  return { ...facts, functions: functionColumns(profile, names), threads: profile.threads.map(threadColumns) };
}

function functionColumns(profile: Profile, { nameOf, fileOf }: FlameNames): FlameFunctions {
  const { functions, threads } = profile;
  const files = new Map<string, number>();
  const file = functions.map((one) => {
    const path = fileOf(one, profile);
    const place = files.get(path) ?? files.size;
    files.set(path, place);
    return place;
  });
  return {
    names: functions.map((one) => nameOf(one)),
    file,
    lines: functions.map(({ line }) => line),
    columns: functions.map(({ column }) => column),
    origins: functions.map(({ origin }) => origin),
    packages: functions.map((one) => one.package),
    files: [...files.keys()],
    hotLines: hotLines(functions.length, threads),
  };
}

function hotLines(count: number, threads: readonly ThreadProfile[]): FlameFunctions['hotLines'] {
  const found = new Map<number, Map<number, number>>();
  for (const { nodes } of threads) {
    for (const node of nodes) {
      if (node.lines.length === 0) continue;
      const lines = found.get(node.function) ?? new Map<number, number>();
      found.set(node.function, lines);
      for (const [line, selfUs] of node.lines) lines.set(line, (lines.get(line) ?? 0) + selfUs);
    }
  }
  return Array.from({ length: count }, (_, place) =>
    [...(found.get(place) ?? [])]
      .sort(([, one], [, other]) => other - one)
      .slice(0, HOT_LINES)
      .map(([line, selfUs]) => [line, Math.round(selfUs)] as const),
  );
}

function threadColumns({ thread, threadId, nodes, startUs, samples, sampleUs }: ThreadProfile): FlameThread {
  const runs: number[] = [];
  let last = -1;
  samples.forEach((node, at) => {
    const us = Math.round(sampleUs[at] ?? 0);
    if (node === last) runs[runs.length - 1] = (runs.at(-1) ?? 0) + us;
    else runs.push(node, us);
    last = node;
  });
  return {
    thread,
    threadId,
    parents: nodes.map(({ parent }) => parent),
    functions: nodes.map((node) => node.function),
    selfUs: nodes.map(({ selfUs }) => Math.round(selfUs)),
    startUs: Math.round(startUs),
    runs,
  };
}

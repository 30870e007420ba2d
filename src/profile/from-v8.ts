// A recording of V8's profiler as a profile: times instead of ticks, functions as their sources have them.
import { createFunctionTable } from './function-table.js';
import { notesOf } from './notes.js';
import type { Profile, ProfileNode, ThreadProfile } from './profile.js';
import { createSources, type ProfileSources } from './sources.js';
import { spreadOver, type TickedLines } from './tick-lines.js';
import type { V8Profile, V8ProfileNode, V8Recording, V8ThreadProfile } from './v8-profile.js';

export interface ProfileOptions {
  /** What was profiled, for titles. */
  readonly title: string;
  /** The application's folder; files below it are shown without it. */
  readonly root: string;
  /** Whether source maps are applied. @default true */
  readonly mapped?: boolean;
  /** Where sources are found; one for many profiles saves reading their maps again. */
  readonly sources?: ProfileSources;
}

/**
 * The profile of a recording. Throws nothing for whatever a process sent: what cannot be read is left out.
 *
 * @example
 * ```ts
 * const recording = { pid: 4711, nodeVersion: '', unixMs: 0, intervalUs: 1000, threads: [], notes: [] };
 * profileFrom(recording, { title: 'server.js', root: '/srv/shop' }).threads; // []
 * ```
 */
export function profileFrom(recording: V8Recording, options: ProfileOptions): Profile {
  const { title, root, mapped = true, sources = createSources() } = options;
  const table = createFunctionTable(sources, mapped);
  // The threads of a process have one clock: one that began later, such as a new worker, stands where it began.
  const beginUs = recording.threads.reduce((first, { profile }) => Math.min(first, profile.startTime), Infinity);
  const threads = recording.threads.map((thread) => threadFrom(thread, beginUs, recording.intervalUs, table));
  return {
    title,
    root,
    pid: recording.pid,
    nodeVersion: recording.nodeVersion,
    unixMs: recording.unixMs,
    durationUs: recording.threads.reduce(
      (longest, { profile }) => Math.max(longest, timeUs(profile.endTime - beginUs)),
      0,
    ),
    intervalUs: recording.intervalUs,
    functions: table.functions,
    threads,
    notes: notesOf(recording),
  };
}

type FunctionTable = ReturnType<typeof createFunctionTable>;

const timeUs = (us: number): number => Math.max(0, Math.round(us) || 0);

interface BuiltNode {
  readonly parent: number;
  readonly function: number;
  selfUs: number;
  hits: number;
  ticks: TickedLines | undefined;
}

function threadFrom(
  { thread, threadId, profile, routes }: V8ThreadProfile,
  beginUs: number,
  intervalUs: number,
  table: FunctionTable,
) {
  const { nodes, placeOfId } = treeFrom(profile.nodes, table);
  const { startUs, samples, sampleUs, places } = timesOf(profile, beginUs, placeOfId);
  if (samples.length === 0) for (const node of nodes) node.selfUs = node.hits * intervalUs;
  for (const [index, at] of samples.entries()) {
    const node = nodes[at];
    if (node !== undefined) node.selfUs += sampleUs[index] ?? 0;
  }
  const finished = nodes.map(
    (node): ProfileNode => ({
      parent: node.parent,
      function: node.function,
      selfUs: node.selfUs,
      lines: node.ticks === undefined ? NO_LINES : spreadOver(node.ticks, node.hits, node.selfUs),
    }),
  );
  const ofRoutes =
    routes === undefined
      ? {}
      : { routes: routes.names, sampleRoutes: places.map((place) => routes.ofSamples[place] ?? -1) };
  return { thread, threadId, nodes: finished, startUs, samples, sampleUs, ...ofRoutes } satisfies ThreadProfile;
}

const NO_LINES: ProfileNode['lines'] = [];

// V8 keeps apart what is one function in the source, such as a file that was loaded twice: siblings of one function are one.
function treeFrom(given: readonly V8ProfileNode[], table: FunctionTable) {
  const byId = new Map(given.map((node) => [node.id, node]));
  const called = new Set(given.flatMap(({ children = [] }) => children));
  const nodes: BuiltNode[] = [];
  const placeOfId = new Map<number, number>();
  const placeOfCall = new Map<string, number>();
  const roots = given.filter(({ id }) => !called.has(id));
  const waiting: [node: V8ProfileNode, parent: number][] = (roots.length > 0 ? roots : given.slice(0, 1))
    .reverse()
    .map((node) => [node, -1]);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [node, caller] = next;
    // What nothing called stands below the thread.
    const parent = caller === -1 && nodes.length > 0 ? 0 : caller;
    // What a broken profile has twice, or as its own caller, is taken once.
    if (placeOfId.has(node.id)) continue;
    const code = table.add(node.callFrame);
    const call = `${parent}:${code}`;
    let place = placeOfCall.get(call);
    if (place === undefined) {
      place = nodes.length;
      nodes.push({ parent, function: code, selfUs: 0, hits: 0, ticks: undefined });
      placeOfCall.set(call, place);
    }
    placeOfId.set(node.id, place);
    const built = nodes[place];
    if (built !== undefined) {
      built.hits += node.hitCount ?? 0;
      built.ticks = table.addTicks(built.ticks, node);
    }
    for (const id of [...(node.children ?? [])].reverse()) {
      const child = byId.get(id);
      if (child !== undefined) waiting.push([child, place]);
    }
  }
  return { nodes, placeOfId };
}

// A sample stands for the time until the next one. V8 hands them over in the order in which they were processed.
function timesOf(profile: V8Profile, beginUs: number, placeOfId: ReadonlyMap<number, number>) {
  const { samples: ids = [], timeDeltas = [], startTime, endTime } = profile;
  let time = startTime;
  const seen: { readonly at: number; readonly node: number; readonly place: number }[] = [];
  let isOrdered = true;
  for (const [index, id] of ids.entries()) {
    const delta = Math.round(timeDeltas[index] ?? 0) || 0;
    if (delta < 0) isOrdered = false;
    time += delta;
    seen.push({ at: time, node: placeOfId.get(id) ?? 0, place: index });
  }
  if (!isOrdered) seen.sort((a, b) => a.at - b.at);
  const first = seen[0]?.at ?? startTime;
  return {
    startUs: timeUs(first - beginUs),
    samples: seen.map(({ node }) => node),
    /** Which of V8's samples each of them is. */
    places: seen.map(({ place }) => place),
    sampleUs: seen.map(({ at }, index) => timeUs((seen[index + 1]?.at ?? endTime) - at)),
  };
}

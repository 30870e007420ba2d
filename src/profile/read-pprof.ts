// Reads pprof's format (https://github.com/google/pprof/blob/main/proto/profile.proto), as far as it tells where time went.
import { originOfFile, packageOfFile } from './packages.js';
import type { Profile, ProfiledFunction, ProfileNode, ThreadProfile } from './profile.js';
import { type Field, fieldsOf, numbersIn } from './read-protobuf.js';

/** Units of time, in microseconds. */
const UNITS: Readonly<Record<string, number>> = { nanoseconds: 1e-3, microseconds: 1, milliseconds: 1e3, seconds: 1e6 };
const MAIN = 'main';
const GARBAGE_COLLECTION = '(garbage collector)';

interface Sample {
  readonly locations: readonly number[];
  readonly values: readonly number[];
  readonly thread: string;
}

interface Line {
  readonly function: number;
  readonly line: number;
}

/** Reads an uncompressed message of pprof's `Profile`. Throws an Error where it is none, or where it tells of no time. */
export function readPprof(content: Uint8Array, title: string): Profile {
  const message = groupFields(content);
  const all = (field: number) => message.get(field) ?? [];
  const texts = all(6).map(({ piece }) => Buffer.from(piece).toString('utf8'));
  const text = (place: number) => texts[place] ?? '';
  const one = (field: number) => all(field).at(-1)?.value ?? 0;

  const units = all(1).map(({ piece }) => UNITS[text(numberIn(piece, 2))]);
  const valueAt = units.findLastIndex((unit) => unit !== undefined);
  const unitUs = units[valueAt];
  if (unitUs === undefined) throw new Error('it tells of no time');

  const functions = all(5).map(({ piece }) => functionFrom(piece, text));
  const places = new Map(all(5).map(({ piece }, place) => [numberIn(piece, 1), place]));
  const locations = new Map(all(4).map(({ piece }) => [numberIn(piece, 1), linesOf(piece)]));
  const threads = new Map<string, ReturnType<typeof createThread>>();
  const bottom: ProfiledFunction = { name: '(root)', file: '', line: 0, column: 0, origin: 'engine', package: '' };
  for (const { piece } of all(2)) {
    const { locations: stack, values, thread } = sampleFrom(piece, text);
    const made = threads.get(thread) ?? createThread(thread, threads.size, functions.length);
    threads.set(thread, made);
    // The innermost call stands first, also among those that were inlined.
    const lines = stack.flatMap((id) => locations.get(id) ?? []).reverse();
    made.add(
      lines.map((line) => ({ ...line, function: places.get(line.function) ?? functions.length })),
      (values[valueAt] ?? 0) * unitUs,
    );
  }
  return {
    title,
    pid: 0,
    nodeVersion: '',
    unixMs: one(9) / 1e6,
    durationUs: one(10) / 1e3,
    intervalUs: one(12) / 1e3,
    functions: [...functions, bottom],
    threads: [...threads.values()].map(({ thread }) => thread),
    notes: ['The recording does not say what ran when.'],
  };
}

function groupFields(bytes: Uint8Array): ReadonlyMap<number, readonly Field[]> {
  const groups = new Map<number, Field[]>();
  for (const field of fieldsOf(bytes)) {
    const group = groups.get(field.field);
    if (group === undefined) groups.set(field.field, [field]);
    else group.push(field);
  }
  return groups;
}

const numberIn = (bytes: Uint8Array, wanted: number): number =>
  [...fieldsOf(bytes)].findLast(({ field }) => field === wanted)?.value ?? 0;

function functionFrom(piece: Uint8Array, text: (place: number) => string): ProfiledFunction {
  const name = text(numberIn(piece, 2));
  const file = text(numberIn(piece, 4));
  const origin = name === '(idle)' && file === '' ? 'idle' : originOfFile(name === GARBAGE_COLLECTION ? '' : file);
  return { name, file, line: numberIn(piece, 5), column: 0, origin, package: packageOfFile(file) };
}

function linesOf(location: Uint8Array): readonly Line[] {
  return [...fieldsOf(location)]
    .filter(({ field }) => field === 4)
    .map(({ piece }) => ({ function: numberIn(piece, 1), line: numberIn(piece, 2) }));
}

function sampleFrom(piece: Uint8Array, text: (place: number) => string): Sample {
  const locations: number[] = [];
  const values: number[] = [];
  let thread = MAIN;
  for (const field of fieldsOf(piece)) {
    if (field.field === 1) locations.push(...numbersIn(field));
    else if (field.field === 2) values.push(...numbersIn(field));
    else if (field.field === 3 && /^thread( name)?$/.test(text(numberIn(field.piece, 1)))) {
      const name = text(numberIn(field.piece, 2));
      if (name !== '') thread = name;
    }
  }
  return { locations, values, thread };
}

interface MutableNode extends ProfileNode {
  selfUs: number;
  readonly lines: [number, number][];
}

function createThread(name: string, threadId: number, root: number) {
  const nodes: MutableNode[] = [{ parent: -1, function: root, selfUs: 0, lines: [] }];
  const known = new Map<string, number>();
  const thread: ThreadProfile = { thread: name, threadId, nodes, startUs: 0, samples: [], sampleUs: [] };
  return {
    thread,
    add(stack: readonly Line[], selfUs: number): void {
      let parent = 0;
      for (const { function: code } of stack) {
        const key = `${parent} ${code}`;
        const found = known.get(key) ?? nodes.push({ parent, function: code, selfUs: 0, lines: [] }) - 1;
        known.set(key, found);
        parent = found;
      }
      const node = nodes[parent];
      const line = stack.at(-1)?.line ?? 0;
      if (node === undefined) return;
      node.selfUs += selfUs;
      if (line > 0) node.lines.push([line, selfUs]);
    },
  };
}

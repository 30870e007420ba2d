// Functions as the graph knows them: one list for all that is drawn, also of two profiles, with threads as entries of their own.
import type { FlameData, FlameThread } from '../../src/profile/flame/flame-data.js';
import type { CodeOrigin } from '../../src/profile/profile.js';

/** What a frame stands for: a function, a thread, or everything. */
export interface Code {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly origin: CodeOrigin | 'thread';
  readonly package: string;
  readonly hotLines: readonly (readonly [line: number, selfUs: number])[];
}

/** Names of threads that tell them apart: those of a pool are called the same. */
export function distinctNames(threads: readonly FlameThread[]): readonly string[] {
  return threads.map(({ thread, threadId }) => {
    const isAlone = threads.filter((other) => other.thread === thread).length === 1;
    return isAlone ? thread : `${thread} (thread ${threadId})`;
  });
}

/** The functions of `data`; after them its threads, by these names, and everything as the last. */
export function codesOf(
  { functions: columns, threads }: FlameData,
  names: readonly string[] = distinctNames(threads),
): readonly Code[] {
  const functions = columns.names.map((name, at) => ({
    name,
    file: columns.files[columns.file[at] ?? -1] ?? '',
    line: columns.lines[at] ?? 0,
    column: columns.columns[at] ?? 0,
    origin: columns.origins[at] ?? ('engine' as const),
    package: columns.packages[at] ?? '',
    hotLines: columns.hotLines[at] ?? [],
  }));
  return [...functions, ...names.map(pseudo), pseudo('Everything')];
}

function pseudo(name: string): Code {
  return { name, file: '', line: 0, column: 0, origin: 'thread', package: '', hotLines: [] };
}

/** What a code is called beyond one profile. */
export const keyOf = ({ origin, name, file }: Code): string => JSON.stringify([origin, name, file]);

/** Whose it is, in words; what colours and the legend go by. */
export function ownerOf({ origin, package: name }: Code): string {
  if (origin === 'thread') return 'Threads';
  if (origin === 'application') return 'Your code';
  if (origin === 'node') return 'Node';
  if (origin === 'package') return name === '' ? 'Packages' : name;
  return origin === 'idle' ? 'Idle' : 'Engine';
}

/** Where it is, as `src/app.js:12`; whose it is where it is nowhere. */
export function placeOf(code: Code): string {
  if (code.file === '') return ownerOf(code);
  return code.line > 0 ? `${code.file}:${code.line}` : code.file;
}

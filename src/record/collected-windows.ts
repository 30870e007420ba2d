// What programs have left in the folder, taken out of it as it comes, as one recording in the end.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { V8Recording, V8ThreadProfile } from '../profile/v8-profile.js';
import { type JoinedWindows, joinWindows } from './joined-windows.js';
import type { RecordedWindow, WindowState } from './windows-folder.js';

/** A thread that is or was recorded. */
export interface RecordedThread {
  readonly pid: number;
  /** The process that started its process. */
  readonly parent: number;
  readonly threadId: number;
  readonly thread: string;
  readonly nodeVersion: string;
  readonly title: string;
  /** When it began, in milliseconds since the Unix epoch. */
  readonly unixMs: number;
  readonly windows: JoinedWindows;
  state: WindowState;
}

/** Some hours of one thread, or ten minutes of sixteen: more would not fit into the memory of the command. */
const MOST_SAMPLES = 10_000_000;

/** Takes windows out of a folder. */
export interface CollectedWindows {
  /** Takes what has come; never throws. */
  take(): void;
  /** Whether there is no place for more: what comes then is thrown away, and a note says so. */
  isFull(): boolean;
  /** All threads that were ever seen, those that began first in front. */
  threads(): readonly RecordedThread[];
  /** What they did; undefined where nobody told anything. */
  recording(intervalUs: number): V8Recording | undefined;
}

/** Takes the windows that are written into `folder`. */
export function collectWindows(folder: string, mostSamples: number = MOST_SAMPLES): CollectedWindows {
  const known = new Map<string, RecordedThread>();
  let samples = 0;
  let droppedUnixMs: number | undefined;

  function addWindow({ profile, state, index: _, ...thread }: RecordedWindow): void {
    const { pid, threadId, unixMs } = thread;
    const key = `${pid} ${threadId}`;
    let found = known.get(key);
    if (found === undefined) {
      // A worker that loads nothing first is not recorded.
      if (state === 'gone') return;
      found = { ...thread, windows: joinWindows(), state };
      known.set(key, found);
    }
    if (profile !== undefined && samples >= mostSamples) droppedUnixMs ??= unixMs;
    else if (profile !== undefined) {
      samples += profile.samples?.length ?? 0;
      found.windows.add(profile);
    }
    if (found.state !== 'finished') found.state = state;
  }

  function takeFile(name: string): void {
    const file = join(folder, name);
    try {
      const text = readFileSync(file, 'utf8');
      rmSync(file);
      addWindow(JSON.parse(text) as RecordedWindow);
    } catch {
      // Somebody else cleans up the folder of temporary files; the end of that thread is missing then.
    }
  }

  const threads = () => [...known.values()].sort((a, b) => a.unixMs - b.unixMs || a.threadId - b.threadId);
  return {
    take() {
      const files = filesIn(folder).filter((name) => name.endsWith('.json'));
      for (const name of files.sort((a, b) => indexOf(a) - indexOf(b))) takeFile(name);
    },
    isFull: () => samples >= mostSamples,
    threads,
    recording(intervalUs) {
      const recording = recordingOf(threads(), intervalUs);
      if (recording === undefined || droppedUnixMs === undefined) return recording;
      return { ...recording, notes: [...recording.notes, fullNote(samples)] };
    },
  };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const indexOf = (name: string): number => Number(/(\d+)\.json$/.exec(name)?.[1] ?? 0);

function recordingOf(all: readonly RecordedThread[], intervalUs: number): V8Recording | undefined {
  const told = all.filter(({ windows }) => windows.startUs !== undefined);
  // The process that began first is the program; a shell or npm in front of it is not recorded.
  const first = told.find(({ threadId }) => threadId === 0) ?? told[0];
  if (first === undefined) return undefined;
  const startUs = Math.min(...told.map(({ windows }) => windows.startUs ?? Number.POSITIVE_INFINITY));
  // Threads of other processes get ids of their own, after those of the first one.
  let nextId = Math.max(...told.map(({ threadId }) => threadId)) + 1;
  const threads = told.flatMap(({ pid, title, thread, threadId, windows }): V8ThreadProfile[] => {
    const profile = windows.profile(startUs);
    if (profile === undefined) return [];
    return [
      pid === first.pid
        ? { thread, threadId, profile }
        : { thread: `process ${pid} (${title}) ${thread}`, threadId: nextId++, profile },
    ];
  });
  return {
    pid: first.pid,
    nodeVersion: first.nodeVersion,
    unixMs: first.unixMs,
    intervalUs,
    threads: threads.sort((a, b) => a.threadId - b.threadId),
    notes: all.filter(({ state }) => state !== 'finished').map(missingNote),
    // Recorded from its first line on.
    knowsInlined: true,
  };
}

const fullNote = (samples: number): string =>
  `What followed after ${samples.toLocaleString('en-US')} samples is missing: --sample-interval 10ms has room for ten times as long.`;

function missingNote({ pid, threadId, thread, windows }: RecordedThread): string {
  const name = threadId === 0 ? 'the main thread' : `${thread} (worker ${threadId})`;
  const missing = windows.startUs === undefined ? 'Everything' : 'The end';
  return `${missing} of ${name} of process ${pid} is missing: it was killed or terminated, or did not turn.`;
}

// The lines of the source that the time went to, beside their text: what `loopsight lines` shows.
import type { LineCounts } from './coverage.js';
import { timeOf } from './hot.js';
import { fileOf } from './place.js';
import type { CodeOrigin, Profile } from './profile.js';
import type { ProfileSources } from './sources.js';

/** One line of a file. */
export interface HotLine {
  readonly line: number;
  /** Time of the code in it, without what it called, in microseconds. */
  readonly selfUs: number;
  /** How often it ran; only where that was counted. */
  readonly count?: number;
  /** Its text; only where the file can be read. */
  readonly text?: string;
}

/** One file and what is worth seeing of it. */
export interface HotFile {
  /** Without the folders of the machine. */
  readonly file: string;
  readonly path: string;
  readonly origin: CodeOrigin;
  /** Time of all its code, in microseconds; its lines can be less where V8 did not tell them. */
  readonly selfUs: number;
  /** In their order; not all of them, unless the file was asked for. */
  readonly lines: readonly HotLine[];
}

export interface HotLinesOptions {
  readonly sources: ProfileSources;
  /** Only files whose path contains this, and all of their lines. */
  readonly file?: string | undefined;
  readonly counts?: LineCounts | undefined;
  /** The most files. @default 5 */
  readonly limit?: number;
}

/** How many are shown. */
export const FILES_SHOWN = 5;
/** Lines with less of the time are left out, unless the file was asked for. */
const LEAST_SHARE = 0.002;
/** Lines that are shown around each. */
const AROUND = 2;

/**
 * The files that the time went to, most first: the application's own, and others only where it had none, or where `file`
 * asks for them.
 *
 * @example
 * ```ts
 * const nothing = { title: 'shop', pid: 4711, nodeVersion: '', unixMs: 0, durationUs: 0, intervalUs: 1000 };
 * const profile = { ...nothing, functions: [], threads: [], notes: [] };
 * hotLines(profile, { sources: { map: (frame) => frame, text: () => '', lines: () => [] } }); // []
 * ```
 */
export function hotLines(profile: Profile, options: HotLinesOptions): readonly HotFile[] {
  const { file: wanted, limit = FILES_SHOWN } = options;
  const { busyUs } = timeOf(profile);
  const all = [...filesOf(profile).values()].sort((a, b) => b.selfUs - a.selfUs);
  const own = all.filter(({ origin }) => origin === 'application');
  const asked =
    wanted === undefined
      ? own.length > 0
        ? own
        : all
      : all.filter(({ path, file }) => path.includes(wanted) || file.includes(wanted));
  return asked.slice(0, limit).map((file) => ({
    file: file.file,
    path: file.path,
    origin: file.origin,
    selfUs: file.selfUs,
    lines: shownLines(file, busyUs, options),
  }));
}

interface SummedFile {
  readonly file: string;
  readonly path: string;
  readonly origin: CodeOrigin;
  selfUs: number;
  readonly lines: Map<number, number>;
}

function filesOf(profile: Profile): Map<string, SummedFile> {
  const files = new Map<string, SummedFile>();
  for (const { nodes } of profile.threads) {
    for (const node of nodes) {
      const code = profile.functions[node.function];
      if (code === undefined || code.file === '' || node.selfUs === 0) continue;
      let sum = files.get(code.file);
      if (sum === undefined) {
        sum = { file: fileOf(code, profile), path: code.file, origin: code.origin, selfUs: 0, lines: new Map() };
        files.set(code.file, sum);
      }
      sum.selfUs += node.selfUs;
      for (const [line, us] of node.lines) sum.lines.set(line, (sum.lines.get(line) ?? 0) + us);
    }
  }
  return files;
}

function shownLines(file: SummedFile, busyUs: number, { sources, file: wanted, counts }: HotLinesOptions): HotLine[] {
  const texts = sources.lines(file.path);
  const counted = counts?.get(file.path);
  const shown = new Set<number>();
  const last = texts?.length ?? 0;
  if (wanted !== undefined) for (let line = 1; line <= last; line++) shown.add(line);
  for (const [line, us] of file.lines) {
    if (wanted === undefined && us < busyUs * LEAST_SHARE) continue;
    shown.add(line);
    for (let near = Math.max(1, line - AROUND); near <= Math.min(last, line + AROUND); near++) shown.add(near);
  }
  return [...shown]
    .sort((a, b) => a - b)
    .map((line) => {
      const [text, count] = [texts?.[line - 1], counted?.get(line)];
      return {
        line,
        selfUs: file.lines.get(line) ?? 0,
        ...(count === undefined ? {} : { count }),
        ...(text === undefined ? {} : { text }),
      };
    });
}

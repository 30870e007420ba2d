// The formats that profiles are written in, and which one a file's name asks for.
import { basename } from 'node:path';
import { writeCallgrind } from './callgrind.js';
import { writeCollapsed } from './collapsed.js';
import { writeCpuProfile } from './cpuprofile.js';
import { flamePage } from './flame/flame-page.js';
import type { ProfileFormat } from './format.js';
import { writeJson } from './json.js';
import { writePprof } from './pprof.js';
import { writeSpeedscope } from './speedscope.js';

/** All of them; the first is the one to take where nothing says which. */
export const FORMATS: readonly ProfileFormat[] = [
  {
    name: 'html',
    readBy: 'a browser: a flame graph in one file',
    endings: ['.html', '.htm'],
    write: flamePage,
  },
  {
    name: 'cpuprofile',
    readBy: "Chrome's DevTools, VS Code, speedscope",
    endings: ['.cpuprofile'],
    write: writeCpuProfile,
  },
  {
    name: 'speedscope',
    readBy: 'speedscope',
    endings: ['.speedscope.json', '.speedscope'],
    write: (profile) => writeSpeedscope(profile),
  },
  {
    name: 'pprof',
    readBy: 'pprof, Pyroscope, Parca',
    endings: ['.pb.gz', '.pprof', '.pb'],
    write: writePprof,
  },
  {
    name: 'callgrind',
    readBy: 'KCachegrind, callgrind_annotate',
    endings: ['.callgrind', '.out'],
    write: writeCallgrind,
  },
  {
    name: 'collapsed',
    readBy: 'flamegraph.pl, inferno, speedscope',
    endings: ['.collapsed', '.folded', '.txt'],
    write: writeCollapsed,
  },
  { name: 'json', readBy: 'loopsight lines, loopsight diff', endings: ['.json'], write: writeJson },
];

/**
 * The format called `name`, or else the one that the file's name ends with. Throws a TypeError that says which there are.
 *
 * @example
 * ```ts
 * formatFor('out.pb.gz').name; // pprof
 * ```
 */
export function formatFor(file: string, name?: string): ProfileFormat {
  if (name !== undefined) {
    const named = FORMATS.find((format) => format.name === name);
    if (named !== undefined) return named;
    throw new TypeError(`Expected a format (${FORMATS.map((format) => format.name).join(', ')}), got \`${name}\``);
  }
  const base = basename(file).toLowerCase();
  // What Valgrind calls its files, with the id of a process behind.
  const ended = base.startsWith('callgrind.out.') ? '.callgrind' : base;
  const [best] = FORMATS.flatMap((format) => format.endings.map((ending) => ({ format, ending })))
    .filter(({ ending }) => ended.endsWith(ending))
    .sort((a, b) => b.ending.length - a.ending.length);
  if (best !== undefined) return best.format;
  const endings = FORMATS.map((format) => format.endings[0]).join(', ');
  throw new TypeError(`Expected a file that ends with ${endings}, or the name of a format, got \`${basename(file)}\``);
}

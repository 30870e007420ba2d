// The saved expositions of a folder: which process each is of, and when it was taken.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type ParsedFamily, type ParsedMetrics, parseText } from '../../prometheus/parse.js';
import { printable } from '../../status/wording.js';
import { UnreadableData } from '../unreadable.js';

/** What one process said at one time. */
export interface Scrape {
  /** The subfolder, the resource's instance id and the slot of a group, as far as there are any. */
  readonly instance: string;
  /** Unix time in seconds: as the file's name says, else when it was written. */
  readonly atS: number;
  readonly metrics: ParsedMetrics;
}

const FILES_LIMIT = 10_000;
const BYTES_LIMIT = 64 * 1024 ** 2;
const TOTAL_BYTES_LIMIT = 1024 ** 3;
const ENDING = /\.(?:prom|txt|metrics|om|text)(?:\.gz)?$|^[^.]+$|\.\d+$/i;

/** Reads the scrapes in `folder` and its subfolders. Throws UnreadableData that names the file. */
export function readScrapes(folder: string): readonly Scrape[] {
  const files = filesIn(folder);
  if (files.length === 0) throw new UnreadableData(`${shownPath(folder)} has no saved scrapes (*.prom, *.txt).`);
  let total = 0;
  return files.flatMap((file) => {
    const text = readText(file);
    total += text.length;
    if (total > TOTAL_BYTES_LIMIT) throw new UnreadableData(`The scrapes in ${shownPath(folder)} exceed 1 GiB.`);
    const below = relative(folder, dirname(file)).split(sep).join('/');
    const atS = timeInName(basename(file)) ?? statSync(file).mtimeMs / 1000;
    return [...byProcess(parse(text, file))].map(([process, metrics]) => ({
      instance: [below, instanceId(metrics), process].filter((part) => part !== '').join('/'),
      atS,
      metrics,
    }));
  });
}

/** A path in a sentence. */
export function shownPath(path: string): string {
  return printable(path, 200);
}

function filesIn(folder: string): readonly string[] {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && ENDING.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    if (files.length > FILES_LIMIT) {
      throw new UnreadableData(`${shownPath(folder)} has ${files.length} files, more than ${FILES_LIMIT}.`);
    }
    return files;
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function readText(file: string): string {
  try {
    if (statSync(file).size > BYTES_LIMIT) throw new Error('it has more than 64 MiB');
    const bytes = readFileSync(file);
    return (file.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: BYTES_LIMIT }) : bytes).toString('utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function parse(text: string, file: string): ParsedMetrics {
  try {
    return parseText(text);
  } catch (error) {
    throw unreadable(file, error);
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['ENOTDIR', 'it is no folder'],
  ['EACCES', 'it belongs to another user'],
]);

function unreadable(path: string, error: unknown): UnreadableData {
  if (error instanceof UnreadableData) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS.get(code) ?? printable(error instanceof Error ? error.message : String(error), 200);
  return new UnreadableData(`${shownPath(path)} could not be read: ${reason}.`);
}

/** `1764000000` or `2026-11-21T10:00:00` in the name, with or without what stands between the digits, in UTC. */
function timeInName(name: string): number | undefined {
  const date = /(\d{4})-?(\d\d)-?(\d\d)[T_-](\d\d)[:-]?(\d\d)[:-]?(\d\d)/.exec(name);
  if (date !== null) {
    const [, year, month, day, hour, minute, second] = date;
    const unixMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    if (!Number.isNaN(unixMs)) return unixMs / 1000;
  }
  const unix = /(?<!\d)(\d{10})(?:\.\d+)?(?!\d)/.exec(name)?.[1];
  return unix === undefined ? undefined : Number(unix);
}

/** The metrics of each process of a group; one without a group has the name ''. */
function byProcess(metrics: ParsedMetrics): Map<string, ParsedMetrics> {
  const processes = new Map<string, Map<string, ParsedFamily>>();
  for (const [name, family] of metrics.families) {
    for (const sample of family.samples) {
      const process = sample.labels.process ?? '';
      const families = processes.get(process) ?? new Map<string, ParsedFamily>();
      processes.set(process, families);
      const own = families.get(name) ?? { type: family.type, help: family.help, samples: [] };
      families.set(name, own);
      own.samples.push(sample);
    }
  }
  // What belongs to no process of a group, such as the build, is nobody's to compare.
  if (processes.size > 1) processes.delete('');
  return new Map([...processes].map(([process, families]) => [process, { families }]));
}

function instanceId({ families }: ParsedMetrics): string {
  const info = families.get('target_info') ?? families.get('target');
  return info?.samples[0]?.labels.service_instance_id ?? '';
}

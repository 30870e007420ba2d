// Reads a recording back from its file: V8's own (.cpuprofile, of whatever tool), ours, either of them compressed.
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { printable } from '../status/wording.js';
import { profileFrom } from './from-v8.js';
import { guessRoot } from './guess-root.js';
import type { Profile } from './profile.js';
import { readPprof } from './read-pprof.js';
import type { V8Profile, V8Recording } from './v8-profile.js';

/** Why a recording cannot be read, in a sentence for the person who asked. */
export class UnreadableProfile extends Error {
  override readonly name = 'UnreadableProfile';
}

/** The most that is read: V8 makes no longer text of it. */
const LARGEST_BYTES = 480 * 1024 * 1024;
const GZIP = 0x1f8b;
const MILLISECOND_US = 1000;

/**
 * Reads the recording in `file`. `root` is the folder of the application, which its files are named from; by default what the
 * recording says, else the working directory, where any of them is in it, else the folder that has them. Throws
 * UnreadableProfile.
 */
export function readProfile(file: string, { root }: { readonly root?: string } = {}): Profile {
  const name = printable(file, 200);
  const content = contentOf(file, name);
  if (!isJson(content)) return rooted(pprofOf(content, basename(file), name), root);
  try {
    const read: unknown = JSON.parse(content.toString('utf8').replace(/^\ufeff/, ''));
    if (isProfile(read)) return rooted(read, root);
    const recording = recordingOf(read, file);
    if (recording !== undefined) return rooted(profileFrom(recording, { title: basename(file), root: '' }), root);
  } catch (error) {
    throw new UnreadableProfile(`${name} is damaged: ${printable(String(error), 200)}.`);
  }
  throw new UnreadableProfile(`${name} ${IS_NONE}`);
}

function rooted(profile: Profile, given: string | undefined): Profile {
  const known = given ?? profile.root ?? '';
  const files = () => profile.functions.map(({ file }) => file);
  return { ...profile, root: known === '' ? guessRoot(files(), process.cwd()) : known };
}

const IS_NONE = 'is no recording that can be read: .cpuprofile, or .json or .pb.gz of loopsight record.';

const isJson = (content: Buffer): boolean => /^\ufeff?\s*\{/.test(content.toString('utf8', 0, 100));

function pprofOf(content: Buffer, title: string, name: string): Profile {
  try {
    return readPprof(content, title);
  } catch {
    throw new UnreadableProfile(`${name} ${IS_NONE}`);
  }
}

function contentOf(file: string, name: string): Buffer {
  try {
    if (statSync(file).size > LARGEST_BYTES) throw new UnreadableProfile(`${name} is too large to be read.`);
    const content = readFileSync(file);
    const isCompressed = content.length > 2 && content.readUInt16BE(0) === GZIP;
    return isCompressed ? gunzipSync(content, { maxOutputLength: LARGEST_BYTES }) : content;
  } catch (error) {
    if (error instanceof UnreadableProfile) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new UnreadableProfile(`${name} could not be read: ${printable(message.split(',')[0] ?? message, 200)}.`);
  }
}

function recordingOf(read: unknown, file: string): V8Recording | undefined {
  if (isRecording(read)) return read;
  if (!isV8Profile(read)) return undefined;
  const deltas = read.timeDeltas ?? [];
  return {
    pid: 0,
    nodeVersion: '',
    // Its own clock began at some start of the machine; the file was written as it ended.
    unixMs: statSync(file).mtimeMs - (read.endTime - read.startTime) / MILLISECOND_US,
    intervalUs: median(deltas),
    threads: [{ thread: 'main', threadId: 0, profile: read }],
    notes: [],
  };
}

function median(values: readonly number[]): number {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const every = <T>(value: unknown, isIt: (item: unknown) => item is T): value is readonly T[] =>
  Array.isArray(value) && value.every((item) => isIt(item));

function isV8Profile(value: unknown): value is V8Profile {
  if (!isFields(value) || !isNumber(value.startTime) || !isNumber(value.endTime)) return false;
  const { samples = [], timeDeltas = [] } = value;
  return every(value.nodes, isV8Node) && every(samples, isNumber) && every(timeDeltas, isNumber);
}

function isV8Node(value: unknown): value is V8Profile['nodes'][number] {
  if (!isFields(value) || !isNumber(value.id) || !isFields(value.callFrame)) return false;
  const { functionName, url, lineNumber } = value.callFrame;
  return typeof functionName === 'string' && typeof url === 'string' && isNumber(lineNumber);
}

function isRecording(value: unknown): value is V8Recording {
  const isThread = (thread: unknown): thread is V8Recording['threads'][number] =>
    isFields(thread) && typeof thread.thread === 'string' && isNumber(thread.threadId) && isV8Profile(thread.profile);
  return isFields(value) && isNumber(value.pid) && every(value.threads, isThread) && Array.isArray(value.notes);
}

function isProfile(value: unknown): value is Profile {
  if (!isFields(value) || typeof value.title !== 'string' || !isNumber(value.durationUs)) return false;
  const { functions, threads, notes } = value;
  if (!every(functions, isFunction) || !Array.isArray(notes)) return false;
  const isNode = (node: unknown, at: number): boolean =>
    isFields(node) &&
    isPlace(node.function, functions.length) &&
    (node.parent === -1 || isPlace(node.parent, at)) &&
    isNumber(node.selfUs) &&
    Array.isArray(node.lines);
  const isThread = (thread: unknown): thread is Profile['threads'][number] =>
    isFields(thread) &&
    typeof thread.thread === 'string' &&
    isNumber(thread.startUs) &&
    Array.isArray(thread.nodes) &&
    thread.nodes.every(isNode) &&
    every(thread.samples, isNumber) &&
    every(thread.sampleUs, isNumber);
  return every(threads, isThread);
}

const isPlace = (value: unknown, length: number): boolean =>
  isNumber(value) && Number.isInteger(value) && value >= 0 && value < length;

function isFunction(value: unknown): value is Profile['functions'][number] {
  if (!isFields(value)) return false;
  const texts = [value.name, value.file, value.origin, value.package];
  return texts.every((text) => typeof text === 'string') && isNumber(value.line) && isNumber(value.column);
}

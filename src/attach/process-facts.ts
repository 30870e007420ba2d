// What the system tells of a process: /proc of Linux, read before anything is done to it.
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** A process by what /proc says; what could not be read is empty or undefined. */
export interface ProcessFacts {
  readonly pid: number;
  /** Path of the program; empty where it belongs to somebody else. */
  readonly executable: string;
  readonly command: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  /** R, S, D, Z, T and so on. */
  readonly state: string;
  readonly uid: number;
  /** Signals that it has handlers for, a bit for each, from the lowest on. */
  readonly caught: bigint;
  /** Its id in each of the process namespaces that it is in, ours first. */
  readonly namespacePids: readonly number[];
  /** The process that this is a thread of; its own id where it is a process. */
  readonly threadOf: number;
  /** Changes when another process gets the same id. */
  readonly started: string;
}

/** Whether processes can be read here. */
export const hasProc = (): boolean => process.platform === 'linux';

/** Reads the process; undefined where there is none. */
export function readFacts(pid: number): ProcessFacts | undefined {
  const status = readText(pid, 'status');
  if (status === '') return undefined;
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  return {
    pid,
    executable: readLink(pid, 'exe'),
    command: readText(pid, 'cmdline').replace(/\0$/, '').split('\0'),
    environment: readEnvironment(pid),
    state: field('State').charAt(0),
    uid: Number(field('Uid').split(/\s+/)[1] ?? Number.NaN),
    caught: BigInt(`0x${field('SigCgt') === '' ? '0' : field('SigCgt')}`),
    namespacePids: field('NSpid').split(/\s+/).filter(Boolean).map(Number),
    threadOf: Number(field('Tgid') === '' ? pid : field('Tgid')),
    started: startOf(readText(pid, 'stat')),
  };
}

/** Whether the process is in the same namespace of this kind; undefined where that may not be known. */
export function isInSameNamespace(pid: number, kind: 'pid' | 'net' | 'mnt'): boolean | undefined {
  const theirs = readLink(pid, `ns/${kind}`);
  const ours = readLink('self', `ns/${kind}`);
  return theirs === '' || ours === '' ? undefined : theirs === ours;
}

/** A file of the process in /proc as text; empty where it cannot be read. */
export function readText(pid: number | 'self', file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Where a link of the process in /proc leads; empty where that cannot be read. */
export function readLink(pid: number | 'self', file: string): string {
  try {
    return readlinkSync(`/proc/${pid}/${file}`);
  } catch {
    return '';
  }
}

/** The ids of all processes that can be seen. */
export function processesHere(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Who the process belongs to, as its files in /proc do; undefined where there is none. */
export function ownerOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return undefined;
  }
}

function readEnvironment(pid: number): ReadonlyMap<string, string> {
  const entries = readText(pid, 'environ').split('\0');
  return new Map(entries.filter((entry) => entry.includes('=')).map((entry) => split(entry)));
}

function split(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}

// The name of the program stands in parentheses and may hold any character; the start is the 20th field after it.
function startOf(stat: string): string {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

// Whether the application handles SIGUSR1 itself. The system does not tell a handler of the application from Node's own, so
// the list of libuv's, which has only the application's, is read in the memory of the process; nothing is changed there.
import { closeSync, openSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { findSymbol } from './elf-symbol.js';
import { type ProcessFacts, readLink, readText } from './process-facts.js';

/** The tree of all handles, by signal. */
const TREE = 'uv__signal_tree';
/** Where a uv_signal_t of libuv 1 has its signal, and its left and right neighbour in the tree. */
const SIGNAL_AT = 104n;
const LEFT_AT = 112n;
const RIGHT_AT = 120n;
const HANDLES_LIMIT = 10_000;

/** Undefined where it may not be read, or the program was stripped of its symbols. */
export function handlesOwnSignal({ pid, executable }: ProcessFacts): boolean | undefined {
  const symbol = findSymbol(`/proc/${pid}/exe`, TREE);
  if (symbol === undefined) return undefined;
  const base = symbol.isRelative ? loadedAt(pid, executable) : 0n;
  if (base === undefined) return undefined;
  let memory: number | undefined;
  try {
    memory = openSync(`/proc/${pid}/mem`, 'r');
    return hasSignal(memory, base + symbol.address, constants.signals.SIGUSR1);
  } catch {
    return undefined;
  } finally {
    if (memory !== undefined) closeSync(memory);
  }
}

function hasSignal(memory: number, root: bigint, signal: number): boolean {
  const open = [pointerAt(memory, root)];
  for (let seen = 0; seen < HANDLES_LIMIT; seen++) {
    const handle = open.pop();
    if (handle === undefined) return false;
    if (handle === 0n) continue;
    if (bytesAt(memory, handle + SIGNAL_AT, 4).readInt32LE(0) === signal) return true;
    open.push(pointerAt(memory, handle + LEFT_AT), pointerAt(memory, handle + RIGHT_AT));
  }
  return false;
}

const pointerAt = (memory: number, address: bigint): bigint => bytesAt(memory, address, 8).readBigUInt64LE(0);

function bytesAt(memory: number, address: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (readSync(memory, bytes, 0, length, address) !== length) throw new RangeError('the memory ends here');
  return bytes;
}

// The first piece of the file in memory is its beginning.
function loadedAt(pid: number, executable: string): bigint | undefined {
  const file = executable === '' ? readLink(pid, 'exe') : executable;
  const line = readText(pid, 'maps')
    .split('\n')
    .find((text) => text.endsWith(` ${file}`));
  const start = /^([0-9a-f]+)-/.exec(line ?? '')?.[1];
  return start === undefined ? undefined : BigInt(`0x${start}`);
}

// Where the program file of a process keeps a variable, by the symbols that Node is published with.
import { closeSync, openSync, readSync } from 'node:fs';

/** Sizes and places of the 64-bit format with the lowest byte first, which Linux on x64 and arm64 has. */
const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const SYMBOL_BYTES = 24;
const SYMBOL_TABLE = 2;
/** A file that is loaded wherever there is room. */
const ANYWHERE = 3;
const LIMIT_BYTES = 256 * 1024 * 1024;

/** A variable in the memory of a program. */
export interface ElfSymbol {
  readonly address: bigint;
  /** Whether the address is counted from where the file was loaded. */
  readonly isRelative: boolean;
}

/** Finds the variable `name` in the file's symbols; undefined where there are none, or not this one. Never throws. */
export function findSymbol(file: string, name: string): ElfSymbol | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    return find(descriptor, name);
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function find(descriptor: number, name: string): ElfSymbol | undefined {
  const header = read(descriptor, 0, HEADER_BYTES);
  // 64 bits, lowest byte first.
  if (header.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return undefined;
  const isRelative = header.readUInt16LE(16) === ANYWHERE;
  const count = header.readUInt16LE(60);
  const sections = read(descriptor, Number(header.readBigUInt64LE(40)), count * SECTION_BYTES);
  for (let index = 0; index < count; index++) {
    const section = sections.subarray(index * SECTION_BYTES, (index + 1) * SECTION_BYTES);
    if (section.readUInt32LE(4) !== SYMBOL_TABLE) continue;
    const names = sections.subarray(section.readUInt32LE(40) * SECTION_BYTES);
    const address = addressIn(contentOf(descriptor, section), contentOf(descriptor, names), name);
    if (address !== undefined) return { address, isRelative };
  }
  return undefined;
}

function addressIn(symbols: Buffer, names: Buffer, name: string): bigint | undefined {
  // Compilers put `.0` after a name of which there could be several.
  for (let at = names.indexOf(`\0${name}`); at !== -1; at = names.indexOf(`\0${name}`, at + 1)) {
    const end = names.indexOf(0, at + 1);
    if (!/^(?:\.\d+)?$/.test(names.toString('latin1', at + 1 + name.length, end))) continue;
    for (let symbol = 0; symbol + SYMBOL_BYTES <= symbols.length; symbol += SYMBOL_BYTES) {
      if (symbols.readUInt32LE(symbol) === at + 1) return symbols.readBigUInt64LE(symbol + 8);
    }
  }
  return undefined;
}

function contentOf(descriptor: number, section: Buffer): Buffer {
  return read(descriptor, Number(section.readBigUInt64LE(24)), Number(section.readBigUInt64LE(32)));
}

function read(descriptor: number, position: number, length: number): Buffer {
  if (length > LIMIT_BYTES) throw new RangeError('no program has this many symbols');
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, position + filled);
    if (count === 0) throw new RangeError('the file ends too early');
    filled += count;
  }
  return bytes;
}

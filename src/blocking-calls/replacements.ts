// What to call instead of a function that blocks the loop. The rules of Node's own names come first, then what they do not
// cover; docs/blocking-calls.md shows the table.

const FILE_HANDLE: Readonly<Record<string, string>> = {
  read: 'read',
  readv: 'readv',
  write: 'write',
  writev: 'writev',
  close: 'close',
  fstat: 'stat',
  fsync: 'sync',
  fdatasync: 'datasync',
  ftruncate: 'truncate',
  futimes: 'utimes',
  fchmod: 'chmod',
  fchown: 'chown',
};
const A_WORKER = 'a worker thread';

/** Calls whose replacement is not their own name without `Sync`. */
const OTHERS: Readonly<Record<string, string>> = {
  'fs.existsSync': 'fs.promises.access',
  'fs.openAsBlobSync': 'fs.openAsBlob',
  'crypto.randomBytes': 'crypto.randomBytes with a callback',
  'crypto.sign': 'crypto.sign with a callback',
  'crypto.verify': 'crypto.verify with a callback',
  'crypto.hash': 'crypto.subtle.digest',
  'crypto.diffieHellman': 'crypto.diffieHellman with a callback',
  'zlib.crc32': A_WORKER,
  'v8.writeHeapSnapshot': 'v8.getHeapSnapshot, which is a stream, or a process that serves nobody',
  'Atomics.wait': 'Atomics.waitAsync',
  'JSON.parse': 'smaller texts, a parser of streams, or a worker thread',
  'JSON.stringify': 'smaller texts, a writer of streams, or a worker thread',
  'process.stdout.write': 'a logger that writes in a worker thread',
  'process.stderr.write': 'a logger that writes in a worker thread',
};

/** Labels whose calls have no asynchronous form at all. */
const WITHOUT =
  /^(?:sqlite|better-sqlite3|crypto\.(?:[A-Z]|createDiffieHellman|(?:public|private)(?:En|De)crypt)|v8|structuredClone)/;

/**
 * What to call instead of the blocking call `label`, in words that fit behind "use"; undefined where nothing is known.
 *
 * @example
 * replacementFor('fs.readFileSync'); // fs.promises.readFile
 */
export function replacementFor(label: string): string | undefined {
  const other = Object.hasOwn(OTHERS, label) ? OTHERS[label] : undefined;
  if (other !== undefined) return other;
  if (WITHOUT.test(label)) return A_WORKER;
  const [, module = '', name = ''] = /^([\w-]+)\.(\w+)Sync$/.exec(label) ?? [];
  if (module === 'fs') {
    const method = Object.hasOwn(FILE_HANDLE, name) ? FILE_HANDLE[name] : undefined;
    return method === undefined ? `fs.promises.${name}` : `filehandle.${method}`;
  }
  if (module === 'bcrypt' || module === 'bcryptjs') return `${module}.${name}`;
  return ['child_process', 'crypto', 'zlib'].includes(module) ? `${module}.${name}` : undefined;
}

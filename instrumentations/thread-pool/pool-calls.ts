// Which public functions of Node give work to the pool. Left out are those that do it through others of the list, such as
// fs.writeFile through fs.open, fs.write and fs.close: they would be counted twice.
import type Net from 'node:net';
import type { PoolWork } from './pool-requests.js';
import { quietBuiltin } from './quiet-builtin.js';

/** A module, or a class. */
export type Holder = Readonly<Record<string, object | undefined>>;

/** Functions of one object. */
export interface PoolCalls {
  readonly module: string;
  readonly holder: (module: Holder) => object;
  readonly work: PoolWork;
  /** Those that give work only where their last argument is a function. */
  readonly callbacks?: readonly string[];
  readonly promises?: readonly string[];
  /** Whether a call gives work to the pool. @default it does */
  readonly isWork?: (args: readonly unknown[]) => boolean;
}

const itself = (module: Holder): object => module;

const FILE_CALLS = [
  'access',
  'chmod',
  'chown',
  'copyFile',
  'lchown',
  'link',
  'lstat',
  'lutimes',
  'mkdir',
  'mkdtemp',
  'open',
  'opendir',
  'readdir',
  'readFile',
  'readlink',
  'rename',
  'rmdir',
  'stat',
  'statfs',
  'symlink',
  'unlink',
  'utimes',
] as const;

/** Methods of file handles; `close` is a property of each handle. */
export const FILE_HANDLE_CALLS: readonly string[] = [
  'appendFile',
  'chmod',
  'chown',
  'datasync',
  'read',
  'readFile',
  'readv',
  'stat',
  'sync',
  'truncate',
  'utimes',
  'write',
  'writeFile',
  'writev',
];

/** Methods of `crypto.subtle` that compute. */
export const SUBTLE_CALLS: readonly string[] = [
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encrypt',
  'generateKey',
  'sign',
  'unwrapKey',
  'verify',
  'wrapKey',
];

let net: typeof Net | undefined;

// An address is answered at once; servers ask for the one that they listen on.
function asksForName([host]: readonly unknown[]): boolean {
  net ??= quietBuiltin<typeof Net>('node:net');
  return typeof host === 'string' && host !== '' && net.isIP(host) === 0;
}

/** Name look-ups. */
export const DNS_CALLS: readonly PoolCalls[] = [
  { module: 'node:dns', holder: itself, work: 'dns', callbacks: ['lookup'], isWork: asksForName },
  { module: 'node:dns', holder: itself, work: 'dns', callbacks: ['lookupService'] },
  { module: 'node:dns/promises', holder: itself, work: 'dns', promises: ['lookup'], isWork: asksForName },
  { module: 'node:dns/promises', holder: itself, work: 'dns', promises: ['lookupService'] },
];

/** Files and cryptography, for those versions of Node whose hooks cannot tell. */
export const OTHER_CALLS: readonly PoolCalls[] = [
  {
    module: 'node:fs',
    holder: itself,
    work: 'fs',
    callbacks: [
      ...FILE_CALLS,
      'close',
      'fchmod',
      'fchown',
      'fdatasync',
      'fstat',
      'fsync',
      'ftruncate',
      'futimes',
      'read',
      'readv',
      'write',
      'writev',
    ],
  },
  // Here every function is one of its own.
  {
    module: 'node:fs/promises',
    holder: itself,
    work: 'fs',
    promises: [...FILE_CALLS.filter((name) => name !== 'open'), 'appendFile', 'realpath', 'truncate', 'writeFile'],
  },
  {
    module: 'node:crypto',
    holder: itself,
    work: 'crypto',
    callbacks: [
      'argon2',
      'checkPrime',
      'decapsulate',
      'diffieHellman',
      'encapsulate',
      'generateKey',
      'generateKeyPair',
      'generatePrime',
      'hkdf',
      'pbkdf2',
      'randomBytes',
      'randomFill',
      'randomInt',
      'scrypt',
      'sign',
      'verify',
    ],
  },
];

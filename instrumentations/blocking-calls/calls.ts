// Which calls are wrapped. Measured on Node 20 and 24, each blocking for 300 ms, with a capture asked for meanwhile.
//
// The caller was gone when the capture came, so that another function would have been blamed, after: JSON.parse,
// structuredClone, spawnSync, fs calls that end in one binding call (readSync, statSync, copyFileSync …), update and
// digest of hashes, signatures and ciphers, crypto.hash, randomBytes, randomFillSync, checkPrimeSync, createDiffieHellman,
// zlib.crc32, v8.serialize, v8.deserialize, writeHeapSnapshot, and the statements of node:sqlite.
//
// It was still there, because Node goes on in JavaScript or V8 looks for interrupts itself, after: JSON.stringify, regular
// expressions (whose methods V8 runs ten times slower once one of them is replaced, so that none is), Atomics.wait, eval, new Function, vm.Script, vm.compileFunction, require, execSync, readFileSync,
// writeFileSync, zlib *Sync, pbkdf2Sync, scryptSync, generateKeyPairSync, generatePrimeSync, crypto.sign. Those that are
// listed below all the same are so for their time.
//
// Lost, and not wrapped: the methods of strings, buffers and TextDecoder (split, indexOf, toString …) and most of arrays, which
// the optimiser replaces by code of its own as long as they are what they were, and which take long for hundreds of
// megabytes only; and WebAssembly.Module, a class whose instances tell it by their constructor, after which its
// caller goes on with the instance anyway.

/** Functions of one object. */
export interface CallGroup {
  /** The module of Node that they come from, as `process.moduleLoadList` names it; none for those of the engine. */
  readonly module?: string;
  /** How calls are named: the label and the function. */
  readonly label: string;
  /** The object that has them; undefined where this Node has none. */
  readonly holder: (module: Holder) => object | undefined;
  readonly names: readonly string[] | RegExp;
  /** Loaded if it is not yet: applications take its functions out of it by `const { … } = require(…)`, once and for all. */
  readonly isEager?: boolean;
}

/** A module, or a class. */
export type Holder = Readonly<Record<string, { readonly prototype?: object } | undefined>>;

const SYNC = /Sync$/;
const itself = (module: Holder): object => module;
const prototypeOf = (name: string) => (module: Holder) => module[name]?.prototype;
const ofCrypto = (name: string, names: readonly string[]): CallGroup => ({
  module: 'crypto',
  label: `crypto.${name}`,
  holder: prototypeOf(name),
  names,
});

/** Calls that are as short as a few nanoseconds, where reading a clock would be most of the cost. */
export const UNTIMED_CALLS: readonly CallGroup[] = [
  { label: '', holder: () => globalThis, names: ['structuredClone'] },
];

/** The same, but that the length of a text tells which of them are long. */
export const PARSE_CALLS: readonly CallGroup[] = [{ label: 'JSON', holder: () => JSON, names: ['parse'] }];
export const STRINGIFY_CALLS: readonly CallGroup[] = [{ label: 'JSON', holder: () => JSON, names: ['stringify'] }];

/** Waits that only the main thread should not make: worker threads may spend their lives in them. */
export const WAITING_CALLS: readonly CallGroup[] = [{ label: 'Atomics', holder: () => Atomics, names: ['wait'] }];

/** Methods of the engine; sorting takes far longer than the wrapper, and the optimiser leaves it as it is. */
export const METHOD_CALLS: readonly CallGroup[] = [
  { label: 'Array', holder: () => Array.prototype, names: ['sort', 'toSorted'] },
  {
    label: 'TypedArray',
    holder: () => Object.getPrototypeOf(Uint8Array.prototype) as object,
    names: ['sort', 'toSorted'],
  },
];

const ONE_SHOT_CRYPTO =
  /Sync$|^(?:hash|sign|verify|randomBytes|createDiffieHellman|diffieHellman|(?:public|private)(?:En|De)crypt)$/;

/** Calls that are timed. */
export const TIMED_CALLS: readonly CallGroup[] = [
  { module: 'fs', label: 'fs', holder: itself, names: SYNC, isEager: true },
  { module: 'child_process', label: 'child_process', holder: itself, names: SYNC, isEager: true },
  { module: 'crypto', label: 'crypto', holder: itself, names: ONE_SHOT_CRYPTO },
  ofCrypto('Hash', ['update', 'digest']),
  ofCrypto('Hmac', ['update', 'digest']),
  ofCrypto('Sign', ['update', 'sign']),
  ofCrypto('Verify', ['update', 'verify']),
  ofCrypto('Cipheriv', ['update', 'final']),
  ofCrypto('Decipheriv', ['update', 'final']),
  ofCrypto('DiffieHellman', ['generateKeys', 'computeSecret']),
  ofCrypto('ECDH', ['generateKeys', 'computeSecret']),
  { module: 'zlib', label: 'zlib', holder: itself, names: /Sync$|^crc32$/ },
  { module: 'v8', label: 'v8', holder: itself, names: ['serialize', 'deserialize', 'writeHeapSnapshot'] },
  { module: 'sqlite', label: 'sqlite.DatabaseSync', holder: prototypeOf('DatabaseSync'), names: ['exec'] },
  {
    module: 'sqlite',
    label: 'sqlite.StatementSync',
    holder: prototypeOf('StatementSync'),
    names: ['all', 'get', 'iterate', 'run'],
  },
];

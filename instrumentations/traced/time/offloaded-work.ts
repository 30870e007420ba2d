// Asynchronous resources of Node that are work for other threads or processes, and whether that work has begun.

/** How a resource of one type tells. */
export interface OffloadKind {
  /** Whether the work has begun, which it may do some time after the resource was made; it ends when Node calls back. */
  readonly hasBegun: (resource: object) => boolean;
  /** Whether one resource does several pieces of work, one after the other. */
  readonly isRepeated?: boolean;
  /** Whether only the end of it shows that it was any: until then it counts for nothing. */
  readonly isTentative?: boolean;
}

/** What is read of the resources. */
interface Fields {
  readonly oncomplete?: unknown;
  readonly ondone?: unknown;
  readonly buffer?: unknown;
  readonly pid?: unknown;
}

const always: OffloadKind = { hasBegun: () => true };
// A resource without a callback belongs to a synchronous call.
const withCallback: OffloadKind = {
  hasBegun: ({ oncomplete, ondone }: Fields) => typeof oncomplete === 'function' || typeof ondone === 'function',
};
// Jobs of Web Crypto have no callback but return a promise, and those of synchronous calls never call back.
const job: OffloadKind = { hasBegun: ({ ondone }: Fields) => typeof ondone === 'function', isTentative: true };
// A stream is one resource however many chunks it gets; it holds the chunk that it works on.
const compression: OffloadKind = {
  hasBegun: ({ buffer }: Fields) => buffer !== undefined && buffer !== null,
  isRepeated: true,
};
const child: OffloadKind = { hasBegun: ({ pid }: Fields) => typeof pid === 'number' };
// Workers of a pool never end: those are told by the pool.
const worker: OffloadKind = { hasBegun: () => false, isTentative: true };

/** By type, as async_hooks name them. */
export const OFFLOADED: ReadonlyMap<string, OffloadKind> = new Map([
  ['FSREQCALLBACK', withCallback],
  ['FSREQPROMISE', always],
  ['FILEHANDLECLOSEREQ', always],
  ['GETADDRINFOREQWRAP', withCallback],
  ['GETNAMEINFOREQWRAP', withCallback],
  ['ZLIB', compression],
  ['PROCESSWRAP', child],
  ['WORKER', worker],
  ...[
    'ARGON2REQUEST',
    'CHECKPRIMEREQUEST',
    'CIPHERREQUEST',
    'DERIVEBITSREQUEST',
    'HASHREQUEST',
    'KEYEXPORTREQUEST',
    'KEYGENREQUEST',
    'KEYPAIRGENREQUEST',
    'PBKDF2REQUEST',
    'RANDOMBYTESREQUEST',
    'RANDOMPRIMEREQUEST',
    'SCRYPTREQUEST',
    'SIGNREQUEST',
    'VERIFYREQUEST',
  ].map((type): [string, OffloadKind] => [type, job]),
]);

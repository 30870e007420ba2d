// Requests to the pool as async_hooks tell them: every one of Node's own, however it was made. Without promises such a hook
// costs next to nothing; before Node had the option to leave them out, it made every promise several times as slow.
import { createHook } from 'node:async_hooks';
import { types } from 'node:util';
import type { Monitor } from '../../src/instrumentation.js';
import { replaceMethod, undoAll } from '../../src/loading/replace.js';
import type { PoolRequest, PoolRequests, PoolWork } from './pool-requests.js';

/** The first versions of Node whose hooks leave promises out: 24.21 on, and each later line. */
export function hasHooksWithoutPromises(version: string = process.versions.node): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 25 || (major === 24 && minor >= 21);
}

interface Kind {
  readonly work: PoolWork;
  /** Whether every request of the type reaches the pool; of others only those that have a callback do. */
  readonly isAlways?: boolean;
}

/** Where requests keep their callback, which is set before the next one can begin. */
const CALLBACKS = ['oncomplete', 'ondone'] as const;

const CRYPTO: Kind = { work: 'crypto' };

/**
 * The types of asynchronous resources that are requests to the pool. Those of name look-ups are left out: one for a name that
 * the system refuses at once never ends, and would count for ever.
 */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['FSREQCALLBACK', { work: 'fs' }],
  ['FSREQPROMISE', { work: 'fs', isAlways: true }],
  ['FILEHANDLECLOSEREQ', { work: 'fs', isAlways: true }],
  ['ARGON2REQUEST', CRYPTO],
  ['CHECKPRIMEREQUEST', CRYPTO],
  ['CIPHERREQUEST', CRYPTO],
  ['DERIVEBITSREQUEST', CRYPTO],
  ['HASHREQUEST', CRYPTO],
  ['KEYEXPORTREQUEST', CRYPTO],
  ['KEYGENREQUEST', CRYPTO],
  ['KEYPAIRGENREQUEST', CRYPTO],
  ['PBKDF2REQUEST', CRYPTO],
  ['RANDOMBYTESREQUEST', CRYPTO],
  ['RANDOMPRIMEREQUEST', CRYPTO],
  ['SCRYPTREQUEST', CRYPTO],
  ['SIGNREQUEST', CRYPTO],
  ['VERIFYREQUEST', CRYPTO],
]);

/** The last request of which it is not known yet whether it is asynchronous. */
interface Unsure extends Kind {
  readonly id: number;
  readonly resource: object;
}

export interface HookedRequests extends Monitor {
  /** Decides about the last request; to be called before the requests are read. */
  settle(): void;
}

/** Notes the requests of the calling thread from now on. */
export function hookRequests(requests: PoolRequests): HookedRequests {
  const known = new Map<number, PoolRequest>();
  const jobs = watchJobs(ran);
  let unsure: Unsure | undefined;

  function settle(): void {
    if (unsure === undefined) return;
    const { id, work, resource } = unsure;
    unsure = undefined;
    const callbacks: Partial<Record<string, unknown>> = resource;
    if (CALLBACKS.some((name) => typeof callbacks[name] === 'function')) known.set(id, requests.begin(work));
  }

  // Those of Web Crypto have no callback but return a promise.
  function ran(job: object): void {
    if (unsure?.resource !== job) return;
    known.set(unsure.id, requests.begin(unsure.work));
    unsure = undefined;
  }

  const hook = createHook({
    init(id, type, _trigger, resource) {
      const kind = KINDS.get(type);
      if (kind === undefined) return;
      settle();
      if (kind.isAlways === true) known.set(id, requests.begin(kind.work));
      else unsure = { ...kind, id, resource };
      if (kind === CRYPTO) jobs.watch(resource);
    },
    before(id) {
      if (unsure !== undefined) settle();
      if (known.size === 0) return;
      const request = known.get(id);
      if (request === undefined) return;
      known.delete(id);
      requests.end(request);
    },
    // Node's types do not know it yet.
    ...{ trackPromises: false },
  }).enable();

  return {
    settle,
    stop() {
      hook.disable();
      jobs.stop();
      unsure = undefined;
      for (const request of known.values()) requests.end(request);
      known.clear();
    },
  };
}

/** Tells `ran` of each job of these classes, internal ones of Node, that returned a promise when it was begun. */
function watchJobs(ran: (job: object) => void): Monitor & { watch(job: object): void } {
  const seen = new WeakSet<object>();
  const undos: (() => void)[] = [];
  return {
    watch(job) {
      const prototype: unknown = Object.getPrototypeOf(job);
      if (typeof prototype !== 'object' || prototype === null || seen.has(prototype)) return;
      seen.add(prototype);
      try {
        const undo = replaceMethod(
          prototype,
          'run',
          (original) =>
            ({
              wrapper(this: object, ...args: unknown[]): unknown {
                const result: unknown = Reflect.apply(original, this, args);
                if (types.isPromise(result)) ran(this);
                return result;
              },
            }).wrapper,
        );
        undos.push(undo);
      } catch {
        // Another Node, where they begin in another way: what is thrown in a hook would end the process.
      }
    },
    stop: () => undoAll(undos.splice(0)),
  };
}

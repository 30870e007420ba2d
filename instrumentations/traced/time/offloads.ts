// The pieces of work that measured calls have handed over, from their beginning to the call back.
import { nearestOpen, type OpenCall } from './measured-call.js';
import { OFFLOADED, type OffloadKind } from './offloaded-work.js';

/** Resources that are looked at again until their work begins; more of them than that are streams that wait for input. */
const UNSURE_LIMIT = 64;
/** Resources that are not asked at once whether their work begins. */
const NEW_LIMIT = 1024;
/** Resources of which only the end would show that they were work: more of them than that are synchronous calls. */
const TENTATIVE_LIMIT = 1024;

interface Unsure {
  readonly id: number;
  readonly kind: OffloadKind;
  readonly resource: object;
  readonly call: OpenCall;
  sinceMs: number;
  isNew: boolean;
}

interface Away {
  readonly kind: OffloadKind;
  /** Of one that does several pieces of work; the others are not kept. */
  readonly resource: object | undefined;
  readonly call: OpenCall;
  readonly sinceMs: number;
}

/** What is away. Times in milliseconds. */
export interface Offloads {
  /** A resource of this type was made by `call`. */
  made(id: number, type: string, resource: object, call: OpenCall): void;
  /** Code of somebody else runs from now on: whatever was to begin has begun. */
  settle(nowMs: number): void;
  /** Node calls back for this resource, or has done so. */
  before(id: number): void;
  after(id: number): void;
  /** As `beginOffload`, for `call`. */
  begin(call: OpenCall): () => void;
  close(): void;
}

/** Creates an empty account. */
export function createOffloads(nowMs: () => number): Offloads {
  const away = new Map<number, Away>();
  const tentative = new Map<number, Away>();
  let unsure: Unsure[] = [];
  let isClosed = false;

  function settle(settledMs: number): void {
    if (unsure.length === 0) return;
    const still: Unsure[] = [];
    for (const one of unsure) {
      const { id, kind, resource, call } = one;
      const sinceMs = one.isNew ? one.sinceMs : settledMs;
      one.isNew = false;
      if (hasBegun(one)) {
        away.set(id, { kind, resource: kind.isRepeated === true ? resource : undefined, call, sinceMs });
        eachOpen(call, (open) => open.offload(sinceMs));
      } else if (kind.isTentative === true) tentative.set(id, { kind, resource: undefined, call, sinceMs });
      else if (nearestOpen(call) !== undefined) still.push(one);
    }
    unsure = still.slice(-UNSURE_LIMIT);
    for (const id of tentative.keys()) {
      if (tentative.size <= TENTATIVE_LIMIT) break;
      tentative.delete(id);
    }
  }

  return {
    settle,
    made(id, type, resource, call) {
      const kind = OFFLOADED.get(type);
      if (kind === undefined) return;
      const sinceMs = nowMs();
      if (unsure.length >= NEW_LIMIT) settle(sinceMs);
      unsure.push({ id, kind, resource, call, sinceMs, isNew: true });
    },
    before(id) {
      const maybe = tentative.get(id);
      const back = maybe ?? away.get(id);
      if (back === undefined) return;
      const backMs = nowMs();
      if (maybe !== undefined) {
        tentative.delete(id);
        eachOpen(back.call, (open) => open.wasOffloaded(back.sinceMs, backMs));
        return;
      }
      if (back.kind.isRepeated !== true) away.delete(id);
      eachOpen(back.call, (open) => open.takeBack(backMs));
    },
    after(id) {
      const known = away.get(id);
      if (known?.resource === undefined) return;
      // It may have begun with its next piece, or wait for one.
      away.delete(id);
      const { kind, resource, call } = known;
      unsure.push({ id, kind, resource, call, sinceMs: nowMs(), isNew: true });
    },
    begin(call) {
      const sinceMs = nowMs();
      let isBack = false;
      eachOpen(call, (open) => open.offload(sinceMs));
      return () => {
        if (isBack || isClosed) return;
        isBack = true;
        const backMs = nowMs();
        eachOpen(call, (open) => open.takeBack(backMs));
      };
    },
    close() {
      isClosed = true;
      unsure = [];
      away.clear();
      tentative.clear();
    },
  };
}

// The resource may be one of the application, under the name of one of Node's.
function hasBegun({ kind, resource }: Unsure): boolean {
  try {
    return kind.hasBegun(resource);
  } catch {
    return false;
  }
}

function eachOpen(call: OpenCall, tell: (open: OpenCall) => void): void {
  for (let one: OpenCall | undefined = call; one !== undefined; one = one.around()) if (one.isOpen) tell(one);
}

// Which call each asynchronous resource of a window belongs to, and what being woken by it means: their ids are counted up by
// one, so that two arrays hold both.

/**
 * Who wakes a call: of a promise that is not known from it alone. A tick or microtask belongs to the turn that asked for it:
 * streams ask for one with each piece that they read.
 */
export const WAKE = { promise: 0, byItself: 1, byOthers: 2, inTurn: 3 } as const;

/** A timer of this delay or less is no waiting, in milliseconds. */
const YIELD_MS = 1;

const FIRST_LENGTH = 1 << 14;

/** The resources of a window from `firstId` on. Calls are places, from 1 on; 0 is none. */
export class ResourceOwners {
  readonly #firstId: number;
  readonly #limit: number;
  #places = new Int32Array(FIRST_LENGTH);
  #wakes = new Uint8Array(FIRST_LENGTH);

  constructor(firstId: number, limit: number) {
    this.#firstId = firstId;
    this.#limit = limit;
  }

  /** Notes a resource; false where there are too many of them. */
  add(id: number, place: number, wake: number): boolean {
    const at = id - this.#firstId;
    if (at >= this.#places.length && !this.#grow(at)) return false;
    this.#places[at] = place;
    this.#wakes[at] = wake;
    return true;
  }

  placeOf(id: number): number {
    const at = id - this.#firstId;
    return at < 0 ? 0 : (this.#places[at] ?? 0);
  }

  wakeOf(id: number): number {
    const at = id - this.#firstId;
    // Those of before are servers and connections.
    return at < 0 ? WAKE.byOthers : (this.#wakes[at] ?? WAKE.byOthers);
  }

  #grow(at: number): boolean {
    if (at >= this.#limit) return false;
    const length = Math.max(this.#places.length * 2, at + 1);
    const places = new Int32Array(length);
    places.set(this.#places);
    this.#places = places;
    const wakes = new Uint8Array(length);
    wakes.set(this.#wakes);
    this.#wakes = wakes;
    return true;
  }
}

/** What being woken by a resource of this type means. */
export function wakeBy(type: string, resource: object): number {
  if (type === 'PROMISE') return WAKE.promise;
  if (type === 'TickObject' || type === 'Microtask') return WAKE.inTurn;
  if (type === 'Immediate') return WAKE.byItself;
  if (type !== 'Timeout') return WAKE.byOthers;
  const { _idleTimeout: delayMs }: { readonly _idleTimeout?: unknown } = resource;
  return typeof delayMs === 'number' && delayMs <= YIELD_MS ? WAKE.byItself : WAKE.byOthers;
}

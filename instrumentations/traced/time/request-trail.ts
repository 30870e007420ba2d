// Which HTTP request each stretch of a window ran for: the resources that a request made are its own, as those of calls are.
import { executionAsyncId } from 'node:async_hooks';
import { type FollowedRequest, OWNER, type RouteName, type RouteWindow } from '../../../src/route-windows.js';

/** Numbers of requests are from 1 on; these are none. */
const NOBODY = 0;
const OUTSIDE = 0xffff;
/** Requests of one window. */
const REQUESTS = OUTSIDE - 1;
/** Changes of what runs that one window notes, in ten bytes each. */
const CHANGES = 1 << 18;
const FIRST_LENGTH = 1 << 12;

export interface RequestTrailOptions {
  readonly nowMs: () => number;
  /** Resources that are followed at most. */
  readonly idLimit: number;
}

/** Follows the requests of one window, in bounded memory. */
export class RequestTrail {
  readonly #nowMs: () => number;
  readonly #idLimit: number;
  #fromMs = Number.NaN;
  #toMs = Number.NaN;
  #endMs = Number.NaN;
  #firstId = Number.POSITIVE_INFINITY;
  /** Which request each resource belongs to. */
  #owners = new Uint16Array(FIRST_LENGTH);
  /** The same of connections that are older than the window. */
  readonly #early = new Map<number, number>();
  #current = NOBODY;
  readonly #interrupted: number[] = [];
  #timesMs = new Float64Array(FIRST_LENGTH);
  #changes = new Uint16Array(FIRST_LENGTH);
  #changeCount = 0;
  readonly #connections: number[] = [0];
  readonly #places: number[] = [0];
  readonly #routes: RouteName[] = [];
  readonly #placeOfRoute = new Map<string, number>();
  #open = 0;
  #isRead = false;

  constructor({ nowMs, idLimit }: RequestTrailOptions) {
    this.#nowMs = nowMs;
    this.#idLimit = idLimit;
  }

  /** Requests that go on and are followed. */
  get open(): number {
    return this.#isOver ? 0 : this.#open;
  }

  /** Until when requests were followed that began. */
  get toMs(): number {
    return this.#toMs;
  }

  get #isOver(): boolean {
    return !Number.isNaN(this.#endMs);
  }

  /** The window begins, in a callback that is nobody's; `firstId` is the first resource that there will be. */
  begins(firstId: number): void {
    this.#firstId = firstId;
    this.#changeCount = 0;
    this.#current = OUTSIDE;
    this.#fromMs = this.#nowMs();
    this.#change(NOBODY);
  }

  /** A request begins in the current callback, that of its connection's parser; undefined where it is not followed. */
  begin(): FollowedRequest | undefined {
    if (this.#isOver || !Number.isNaN(this.#toMs)) return undefined;
    const number = this.#connections.length;
    if (number > REQUESTS) {
      this.finish();
      return undefined;
    }
    const connection = executionAsyncId();
    this.#connections.push(connection);
    this.#places.push(OWNER.nobody);
    // What the parser says of its body comes in later callbacks of the same resource.
    this.#own(connection, number);
    this.#open++;
    this.#change(number);
    let isOpen = true;
    const name = (given: RouteName): void => {
      if (!this.#isRead) this.#places[number] = this.#placeOf(given);
    };
    return {
      name,
      end: (given) => {
        if (!isOpen) return;
        isOpen = false;
        name(given);
        this.#open--;
        // What the parser does next is for another request.
        if (this.#ownerOf(connection) === number) this.#own(connection, NOBODY);
      },
    };
  }

  /** No further requests are followed. */
  finish(): void {
    if (Number.isNaN(this.#toMs)) this.#toMs = this.#nowMs();
  }

  made(id: number): void {
    if (this.#current !== NOBODY && this.#current !== OUTSIDE) this.#own(id, this.#current);
  }

  before(id: number): void {
    this.#interrupted.push(this.#current);
    this.#change(this.#ownerOf(id));
  }

  after(): void {
    const outer = this.#interrupted.pop() ?? OUTSIDE;
    this.#change(this.#interrupted.length === 0 ? OUTSIDE : outer);
  }

  /** What ran when the window began is over. */
  afterFirst(): void {
    if (this.#interrupted.length === 0) this.#change(OUTSIDE);
  }

  end(): void {
    if (this.#isOver) return;
    this.finish();
    this.#endMs = this.#nowMs();
  }

  /** What was seen, once it has ended. */
  read(sinceMs: number): RouteWindow {
    this.#isRead = true;
    const times = new Float64Array(this.#changeCount);
    const owners = new Int32Array(this.#changeCount);
    let length = 0;
    for (let at = 0; at < this.#changeCount; at++) {
      const owner = this.#placeOfOwner(this.#changes[at] ?? OUTSIDE);
      if (length > 0 && owners[length - 1] === owner) continue;
      times[length] = this.#timesMs[at] ?? 0;
      owners[length] = owner;
      length++;
    }
    return {
      sinceMs,
      fromMs: this.#fromMs,
      toMs: this.#toMs,
      endMs: this.#endMs,
      timesMs: times.slice(0, length),
      owners: owners.slice(0, length),
      routes: this.#routes,
    };
  }

  #placeOfOwner(number: number): number {
    if (number === OUTSIDE) return OWNER.outside;
    return number === NOBODY ? OWNER.nobody : (this.#places[number] ?? OWNER.nobody);
  }

  #placeOf(name: RouteName): number {
    const key = `${name.method} ${name.route ?? ''}`;
    let place = this.#placeOfRoute.get(key);
    if (place === undefined) {
      place = this.#routes.push(name) - 1;
      this.#placeOfRoute.set(key, place);
    }
    return place;
  }

  #change(to: number): void {
    if (to === this.#current || this.#isOver) return;
    this.#current = to;
    const at = this.#changeCount;
    if (at >= CHANGES) {
      this.end();
      return;
    }
    if (at >= this.#timesMs.length) {
      this.#timesMs = grown(this.#timesMs, new Float64Array(at * 2));
      this.#changes = grown(this.#changes, new Uint16Array(at * 2));
    }
    this.#timesMs[at] = this.#nowMs();
    this.#changes[at] = to;
    this.#changeCount = at + 1;
  }

  #ownerOf(id: number): number {
    const at = id - this.#firstId;
    return (at < 0 ? this.#early.get(id) : this.#owners[at]) ?? NOBODY;
  }

  #own(id: number, number: number): void {
    const at = id - this.#firstId;
    if (at < 0) {
      this.#early.set(id, number);
      return;
    }
    if (at >= this.#idLimit) return;
    if (at >= this.#owners.length) {
      this.#owners = grown(this.#owners, new Uint16Array(Math.max(this.#owners.length * 2, at + 1)));
    }
    this.#owners[at] = number;
  }
}

function grown<T extends Float64Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

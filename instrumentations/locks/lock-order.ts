// In which order flows take locks. Two that are taken in opposite orders lock each other out one day: who holds one of them
// waits for who holds the other.
import type { CodePlace } from '../../src/stalls/blame/stall-report.js';
import { goesOn } from './asked-at.js';
import { lockState } from './lock-state.js';
import type { LockUse } from './lock-use.js';
import type { WatchedLock } from './watched-lock.js';

/** Two locks that were taken in opposite orders, each with the code that asked for it while it held the other. */
export interface OppositeOrders {
  readonly first: OrderedPair;
  readonly second: OrderedPair;
  /** Whether either waits for the other right now. */
  readonly isDeadlock: boolean;
}

/** A lock that was taken while another one was held. */
export interface OrderedPair {
  readonly held: string;
  readonly wanted: string;
  readonly place: CodePlace | undefined;
}

/** A lock that a use asked for while others were held. */
export interface Order {
  readonly use: LockUse;
  /** The use of the lock that was held. */
  readonly holding: LockUse;
  readonly held: string;
  readonly wanted: string;
  /** The locks that nobody else could have then. */
  readonly alone: ReadonlySet<number>;
}

/** Pairs that are remembered; the oldest is forgotten. */
const MOST_ORDERS = 1000;
const MOST_TOLD = 100;

/**
 * Tells of pairs in opposite orders from now on, once for each pair of names and places; returns the undo. Flows are
 * followed while somebody is told.
 */
export function onOppositeOrders(tell: (found: OppositeOrders) => void): () => void {
  const { opposite, orders, toldOrders } = lockState();
  opposite.add(tell);
  return () => {
    opposite.delete(tell);
    if (opposite.size > 0) return;
    orders.clear();
    toldOrders.clear();
  };
}

/** Whether a flow that holds `held` and asks for `wanted` takes them in an order that is not known yet. */
export function isNewOrder(wanted: WatchedLock, held: readonly LockUse[]): boolean {
  if (held.length === 0 || held.some(({ lock }) => lock === wanted)) return false;
  const { orders } = lockState();
  return held.some(({ lock }) => !orders.has(keyOf(lock, wanted)));
}

/** A flow that holds `held` asks for another lock. */
export function noteOrder(use: LockUse, held: readonly LockUse[]): void {
  const { opposite: listeners, orders } = lockState();
  if (listeners.size === 0 || held.length === 0) return;
  const wanted = use.lock;
  // Asking again for what one holds is another fault, and no order.
  if (held.some(({ lock }) => lock === wanted)) return;
  const alone = new Set(held.filter(({ isExclusive }) => isExclusive).map(({ lock }) => lock.number));
  for (const holding of held) {
    const { lock } = holding;
    const order = { use, holding, held: lock.named.name, wanted: wanted.named.name, alone };
    const oppositeKey = keyOf(wanted, lock);
    const opposite = orders.get(oppositeKey);
    if (opposite !== undefined) {
      if (!isOfOneFlow(order)) continue;
      if (!isOfOneFlow(opposite)) orders.delete(oppositeKey);
      else if (!lock.isShared && !wanted.isShared && !haveCommon(order, opposite)) tell(opposite, order);
    }
    const key = keyOf(lock, wanted);
    if (orders.has(key) || !use.hasStack || !(holding.isScoped || holding.hasStack)) continue;
    orders.set(key, order);
    use.keepPlace();
    holding.keepPlace();
    if (orders.size > MOST_ORDERS) forgetOldest();
  }
}

const keyOf = (first: WatchedLock, second: WatchedLock): string => `${first.number} ${second.number}`;

// Contexts are also those of flows that were started and not waited for, of timers and of listeners, which hold nothing of
// what their starter does. Reading stacks costs far more than taking them: only where it decides.
function isOfOneFlow({ holding, use }: Order): boolean {
  return holding.isScoped || goesOn(holding.frames, use.frames);
}

// Who holds a third lock in both cases is alone with the two.
function haveCommon(some: Order, others: Order): boolean {
  const pair = [some.holding.lock.number, some.use.lock.number];
  for (const number of some.alone) if (!pair.includes(number) && others.alone.has(number)) return true;
  return false;
}

function tell(earlier: Order, later: Order): void {
  // The same two are the same sentence, whoever came first.
  const [first, second] = inOrder(pairOf(earlier), pairOf(later));
  const key = [first, second]
    .map((pair) => JSON.stringify(pair))
    .sort()
    .join();
  const { toldOrders, opposite } = lockState();
  if (toldOrders.has(key) || toldOrders.size >= MOST_TOLD) return;
  toldOrders.add(key);
  // The first one still waits for what the flow holds that now asks for the first one's.
  const isDeadlock = earlier.use.isWaiting;
  for (const listener of opposite) listener({ first, second, isDeadlock });
}

const pairOf = ({ use, held, wanted }: Order): OrderedPair => ({ held, wanted, place: use.place });

const inOrder = (one: OrderedPair, other: OrderedPair): [OrderedPair, OrderedPair] =>
  one.held <= other.held ? [one, other] : [other, one];

function forgetOldest(): void {
  const { orders } = lockState();
  for (const key of orders.keys()) {
    orders.delete(key);
    return;
  }
}

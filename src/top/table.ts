// The rows of the table, in the order in which they stand: filtered, sorted, the application's own first.
import type { CodeRow, Collected, LoopHistory } from './collected.js';
import type { Sort, View } from './view.js';

/** What is shown below the graphs. */
export type Table =
  | { readonly kind: 'code'; readonly rows: readonly CodeRow[] }
  | { readonly kind: 'threads'; readonly rows: readonly LoopHistory[] };

/** Own code with a smaller share of the last window stands where it would among all others. */
const FIRST_SHARE = 0.005;

/** The table of `view`; rows without any time are left out. */
export function tableOf(collected: Collected, view: View): Table {
  const wanted = view.filter.toLowerCase();
  if (view.mode === 'thread') {
    const rows = collected.loops().filter(({ latest }) => latest.thread.toLowerCase().includes(wanted));
    return { kind: 'threads', rows: [...rows].sort(THREAD_ORDERS[view.sort]) };
  }
  const rows = collected
    .rows(view.mode, view.threadId)
    .filter(({ totalUs, name, place }) => totalUs > 0 && `${name} ${place}`.toLowerCase().includes(wanted));
  const order = ORDERS[view.sort];
  return {
    kind: 'code',
    rows: view.ownFirst && view.sort !== 'name' ? rows.sort((a, b) => ownFirst(a, b) || order(a, b)) : rows.sort(order),
  };
}

function ownFirst(a: CodeRow, b: CodeRow): number {
  return Number(isOwn(b)) - Number(isOwn(a));
}

function isOwn({ origin, totalShare }: CodeRow): boolean {
  return origin === 'application' && totalShare >= FIRST_SHARE;
}

type Order<T> = (a: T, b: T) => number;

const byName: Order<CodeRow> = (a, b) => compare(a.name, b.name) || compare(a.place, b.place);

// What is equal in all of that keeps its place by its name, so that rows do not jump.
const ORDERS: Readonly<Record<Sort, Order<CodeRow>>> = {
  own: (a, b) =>
    b.ownShare - a.ownShare ||
    b.totalShare - a.totalShare ||
    b.ownUs - a.ownUs ||
    b.totalUs - a.totalUs ||
    byName(a, b),
  total: (a, b) =>
    b.totalShare - a.totalShare ||
    b.ownShare - a.ownShare ||
    b.totalUs - a.totalUs ||
    b.ownUs - a.ownUs ||
    byName(a, b),
  'own-time': (a, b) => b.ownUs - a.ownUs || b.totalUs - a.totalUs || byName(a, b),
  'total-time': (a, b) => b.totalUs - a.totalUs || b.ownUs - a.ownUs || byName(a, b),
  name: byName,
};

const byThread: Order<LoopHistory> = (a, b) => a.latest.threadId - b.latest.threadId;
const byLag: Order<LoopHistory> = (a, b) => (b.latest.worstLagMs ?? 0) - (a.latest.worstLagMs ?? 0) || byThread(a, b);
const byUtilization: Order<LoopHistory> = (a, b) =>
  (b.latest.utilization ?? 0) - (a.latest.utilization ?? 0) || byThread(a, b);

/** Threads have no shares of their own and of others: they are sorted by utilization, by lag or in their order. */
const THREAD_ORDERS: Readonly<Record<Sort, Order<LoopHistory>>> = {
  own: byUtilization,
  'own-time': byUtilization,
  total: byLag,
  'total-time': byLag,
  name: byThread,
};

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// What is said of locks, as one line: a sentence for people, JSON for collectors of logs.
import { bounded } from '../../src/stalls/blame/code-names.js';
import type { CodePlace } from '../../src/stalls/blame/stall-report.js';
import { formatMs } from '../../src/stalls/tell/stall-sentence.js';
import type { OppositeOrders, OrderedPair } from './lock-order.js';
import type { LongHold } from './long-holds.js';

/** `lock src/accounts.ts held for 2.3 s by transfer (src/accounts.ts:42); 12 wait for it, refund (src/refund.ts:7) for 2.1 s`. */
export function longHoldSentence(hold: LongHold): string {
  const { lock, heldMs, holder, holderCaller, waiters, waiter, waiterCaller, waitedMs } = hold;
  const by = holder === undefined ? '' : ` by ${describe(holder)}${from(holderCaller)}`;
  const who = waiters === 1 ? '1 waits' : `${waiters} wait`;
  const longest = waiter === undefined ? 'the first' : `${describe(waiter)}${from(waiterCaller)}`;
  return `lock ${bounded(lock)} held for ${formatMs(heldMs)}${by}; ${who} for it, ${longest} for ${formatMs(waitedMs)}`;
}

/** `likely deadlock: accounts, then ledger in transfer (src/a.ts:12); ledger, then accounts in audit (src/b.ts:40)`. */
export function oppositeOrdersSentence({ first, second, isDeadlock }: OppositeOrders): string {
  const now = isDeadlock ? '; each waits for the other right now' : '';
  return `likely deadlock: ${describePair(first)}; ${describePair(second)}${now}`;
}

/** The same as JSON. */
export function longHoldJson(hold: LongHold): string {
  const { lock, heldMs, holder, waiters } = hold;
  return line('lock.long_hold', longHoldSentence(hold), {
    'lock.name': lock,
    duration_ms: Math.round(heldMs),
    'code.function.name': holder?.function,
    'code.file.path': holder?.file,
    'code.line.number': holder?.line,
    waiting: waiters,
  });
}

/** The same as JSON. */
export function oppositeOrdersJson(found: OppositeOrders): string {
  return line('lock.deadlock', oppositeOrdersSentence(found), { 'lock.name': found.first.held });
}

function line(event: string, message: string, attributes: object): string {
  return JSON.stringify({
    timestamp: new Date().toISOString(),
    level: 'warn',
    name: 'loopsight',
    event,
    message,
    ...attributes,
  });
}

function describePair({ held, wanted, place }: OrderedPair): string {
  const where = place === undefined ? '' : ` in ${describe(place)}`;
  return `${bounded(held)}, then ${bounded(wanted)}${where}`;
}

const from = (caller: CodePlace | undefined): string => (caller === undefined ? '' : ` from ${describe(caller)}`);

const describe = ({ function: name, file, line }: CodePlace): string =>
  `${bounded(name)} (${bounded(file)}${line > 0 ? `:${line}` : ''})`;

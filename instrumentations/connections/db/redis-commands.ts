// Commands of Redis that wait on the server because they are asked to: their time says nothing about the server.

const BLOCKING: ReadonlySet<string> = new Set([
  'blmove',
  'blmovem',
  'blmpop',
  'blpop',
  'brpop',
  'brpoplpush',
  'bzmpop',
  'bzpopmax',
  'bzpopmin',
  'monitor',
  'psubscribe',
  'ssubscribe',
  'subscribe',
  'wait',
  'waitaof',
]);

/** Names of commands as they were sent, and whether they wait: a program sends few, each of them many times. */
const known = new Map<string, boolean | 'block'>();
const NAMES_KEPT = 500;

/** Whether the command may wait on the server for as long as it says. */
export function waitsOnServer(name: string, args: readonly unknown[]): boolean {
  const waits = known.get(name) ?? learn(name);
  return waits === 'block' ? args.some((arg) => typeof arg === 'string' && arg.toLowerCase() === 'block') : waits;
}

function learn(name: string): boolean | 'block' {
  const lower = name.toLowerCase();
  const waits = lower === 'xread' || lower === 'xreadgroup' ? 'block' : BLOCKING.has(lower);
  if (known.size < NAMES_KEPT) known.set(name, waits);
  return waits;
}

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

/** Whether the command may wait on the server for as long as it says. */
export function waitsOnServer(name: string, args: readonly unknown[]): boolean {
  const lower = name.toLowerCase();
  if (BLOCKING.has(lower)) return true;
  if (lower !== 'xread' && lower !== 'xreadgroup') return false;
  return args.some((arg) => typeof arg === 'string' && arg.toLowerCase() === 'block');
}

// The helper of close-later.ts: attaches when the process goes on, and leaves at once, which closes the inspector.
import { setTimeout as delay } from 'node:timers/promises';
import { attachInspector } from './attach-inspector.js';
import { readFacts } from './process-facts.js';

const LIMIT_MS = 24 * 60 * 60 * 1000;
/** The command counts as somebody who uses the inspector until it has ended, which it mostly does at once. */
const COMMAND = { mostMs: 3000, pollMs: 50, reapedMs: 200 } as const;

const [, , id, since = '', sockets = ''] = process.argv;
void closeWhenOpen(Number(id), since, new Set(sockets.split(',')));

async function closeWhenOpen(pid: number, started: string, before: ReadonlySet<string>): Promise<void> {
  const facts = readFacts(pid);
  if (facts?.started !== started) return;
  try {
    await untilCommandEnds();
    const inspected = await attachInspector(facts, { patienceMs: LIMIT_MS }, () => {}, before);
    await inspected.detach();
  } catch {
    // It has ended, or a day has passed.
  }
}

async function untilCommandEnds(): Promise<void> {
  const command = process.ppid;
  const endMs = performance.now() + COMMAND.mostMs;
  while (process.ppid === command && command !== 1 && performance.now() < endMs) await delay(COMMAND.pollMs);
  await delay(COMMAND.reapedMs);
}

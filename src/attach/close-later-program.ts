// The helper of close-later.ts: attaches when the process goes on, and leaves at once, which closes the inspector.
import { setTimeout as delay } from 'node:timers/promises';
import { attachInspector } from './attach-inspector.js';
import { NO_CLOSER } from './close-later.js';
import { processesHere, readFacts, readText } from './process-facts.js';

const LIMIT_MS = 24 * 60 * 60 * 1000;
/** The command counts as somebody who uses the inspector until it has ended, which it mostly does at once. */
const COMMAND = { mostMs: 3000, pollMs: 20 } as const;

const [, program = '', id = '', since = '', sockets = '', command = ''] = process.argv;
void closeWhenOpen(Number(id), new Set(sockets.split(',').filter(Boolean)));

async function closeWhenOpen(pid: number, before: ReadonlySet<string>): Promise<void> {
  try {
    const facts = readFacts(pid);
    if (facts?.started !== since || isDoneByAnother()) return;
    await untilEnded(Number(command));
    const inspected = await attachInspector(facts, { patienceMs: LIMIT_MS }, () => NO_CLOSER, before);
    await inspected.detach();
  } catch {
    // It has ended, or a day has passed.
  }
}

// Several commands can be killed at once. Of their helpers the first one stays.
function isDoneByAnother(): boolean {
  const own = `${[program, id, since].join('\0')}\0`;
  return processesHere().some((pid) => {
    if (pid >= process.pid) return false;
    const line = readText(pid, 'cmdline');
    return line.slice(line.indexOf('\0') + 1).startsWith(own);
  });
}

async function untilEnded(pid: number): Promise<void> {
  const endMs = performance.now() + COMMAND.mostMs;
  while (performance.now() < endMs) {
    const state = readFacts(pid)?.state ?? 'Z';
    if (state === 'Z' || state === 'X') return;
    await delay(COMMAND.pollMs);
  }
}

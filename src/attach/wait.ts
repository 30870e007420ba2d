// Waiting for a process that was asked, until it answers, ends, or patience does.
import { setTimeout as delay } from 'node:timers/promises';
import type { CdpConnection } from '../cdp/connection.js';
import type { AttachOptions } from './attach.js';
import { describeWait } from './describe-wait.js';
import type { Joined } from './in-target.js';
import { CannotAttach, Unanswered } from './inspected.js';
import { type ProcessFacts, readFacts } from './process-facts.js';

const PATIENCE_MS = 60_000;
/** Whoever waits is told after this. */
const TELL_MS = 1000;
/** Whoever has waited for long need not know to the millisecond; looking costs the machine something. */
const POLL_MS = { first: 10, last: 5000, share: 0.02 } as const;
/** Whoever is asked for nothing any more gets this long to close the connection first. */
const TAKE_BACK_MS = 250;

/** Waits for one process, with patience that all steps share. */
export interface Wait {
  /** Throws where there is nothing to wait for any more. */
  check(): void;
  /** Asks again until there is an answer. */
  until<T>(ask: () => Promise<T | undefined>): Promise<T>;
  /** What the expression has; undefined where the connection ended. Where it came too late, it is taken back when it comes. */
  forAnswer(main: CdpConnection, expression: string, takeBack: string): Promise<Joined | undefined>;
  stop(): void;
}

/** Begins to wait for the process; `onWaiting` is told after a second. */
export function createWait(facts: ProcessFacts, options: AttachOptions): Wait {
  const { pid, started } = facts;
  const { signal, patienceMs = PATIENCE_MS, onWaiting } = options;
  let endMs = Number.POSITIVE_INFINITY;
  const timer = setTimeout(() => onWaiting?.(`Process ${pid} does not answer yet: ${describeWait(pid)}.`), TELL_MS);

  function check(): void {
    signal?.throwIfAborted();
    const now = readFacts(pid);
    if (now === undefined || now.started !== started || now.state === 'Z') {
      throw new CannotAttach(`Process ${pid} has ended meanwhile.`);
    }
    if (performance.now() > endMs) {
      throw new Unanswered(
        `Process ${pid} did not answer within ${Math.round(patienceMs / 1000)} s: ${describeWait(pid)}.`,
      );
    }
  }

  async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
    // What comes before the process is asked is no patience with it.
    const startMs = performance.now();
    endMs = Math.min(endMs, startMs + patienceMs);
    for (;;) {
      const askedMs = performance.now();
      const answer = await ask();
      if (answer !== undefined) return answer;
      check();
      const nowMs = performance.now();
      // Looking takes long on a busy machine; those who look at once would take all time from each other's answers.
      const leastMs = Math.max(POLL_MS.first, nowMs - askedMs, (nowMs - startMs) * POLL_MS.share);
      await delay(Math.min(POLL_MS.last, leastMs), undefined, { signal });
    }
  }

  async function forAnswer(main: CdpConnection, expression: string, takeBack: string): Promise<Joined | undefined> {
    let answer: { readonly joined: Joined | undefined } | undefined;
    main.post('Runtime.evaluate', { expression, returnByValue: true }).then(
      (evaluated) => {
        answer = { joined: (evaluated as { result?: { value?: Joined } }).result?.value };
      },
      () => {
        answer = { joined: undefined };
      },
    );
    try {
      return (await until(async () => answer)).joined;
    } catch (error) {
      const taken = main.post('Runtime.evaluate', { expression: takeBack }).catch(() => {});
      await Promise.race([taken, main.closed, delay(TAKE_BACK_MS)]);
      main.close();
      throw error;
    }
  }

  return { check, until, forAnswer, stop: () => clearTimeout(timer) };
}

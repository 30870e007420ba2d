// The program worker-threads.mjs, which begins and ends worker threads as it is told, and what a scrape of it says.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Instrumented, registerEsm, startInstrumented } from '../support/instrumented.js';
import { withoutStalls } from '../support/run-node.js';

interface Addresses {
  readonly app: string;
  readonly metrics: string;
}

/** One scrape: the value of the sample of a name whose labels are all of these; NaN where there is none. */
export type Sample = (metric: string, labels?: Readonly<Record<string, string>>) => number;

/** Starts the program under `loopsight/register`. */
export async function startWorkerProgram(env: Readonly<Record<string, string>> = {}) {
  const program: Instrumented<Addresses> = await startInstrumented('worker-threads.mjs', env, [
    '--import',
    registerEsm,
  ]);
  const { app, metrics } = program.said;

  async function scrape(): Promise<Sample> {
    const lines = (await (await fetch(metrics)).text()).split('\n');
    return (metric, labels = {}) => {
      const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
      const line = lines.find(
        (one) => /^[^{ ]*/.exec(one)?.[0] === metric && wanted.every((label) => one.includes(label)),
      );
      return line === undefined ? Number.NaN : Number(line.slice(line.lastIndexOf(' ') + 1));
    };
  }
  return {
    scrape,
    async tell(command: string, options: object = {}): Promise<unknown> {
      const answer = await fetch(app, { method: 'POST', body: JSON.stringify({ command, ...options }) });
      return answer.json();
    },
    async scrapeWhen(condition: (sample: Sample) => boolean, what: string): Promise<Sample> {
      for (const deadline = Date.now() + 60_000; ; await sleep(25)) {
        const sample = await scrape();
        if (condition(sample)) return sample;
        assert.ok(Date.now() < deadline, `${what} ${program.stderr()}`);
      }
    },
    stderr: () => withoutStalls(program.stderr()),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

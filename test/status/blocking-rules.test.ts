// What the rules about synchronous calls and writes say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText } from '../../src/prometheus/parse.js';
import { blockingCallers, blockingLogs } from '../../src/status/blocking-rules.js';
import { createFigures } from '../../src/status/figures.js';
import { exposition } from './exposition.js';

const TIME = 'loopsight_blocking_call_time_seconds_total';
const STDIO = 'loopsight_stdio_write_time_seconds_total';
const called = (call: string, caller: string, seconds: number) =>
  `${TIME}{blocking_call_name="${call}",code_function_name="${caller}"} ${seconds}`;
const written = (stream: string, seconds: number) => `${STDIO}{stdio_stream="${stream}"} ${seconds}`;
const UP = 'process_uptime_seconds 100';

const CASES: readonly {
  readonly name: string;
  readonly before?: readonly string[];
  readonly now: readonly string[];
  readonly sentences: readonly string[];
}[] = [
  { name: 'nothing', now: [UP], sentences: [] },
  { name: 'little', now: [UP, called('fs.statSync', 'look', 2), written('stdout', 1)], sentences: [] },
  {
    name: 'the worst caller since start, by name and with what to call instead',
    now: [
      UP,
      called('fs.statSync', 'look', 3),
      called('fs.readFileSync', 'load', 12),
      called('zlib.gzipSync', 'load', 4),
    ],
    sentences: [
      `load blocks the loop by fs.readFileSync for 12 s since start, 12 % of the time; fs.promises.readFile would not (growth of ${TIME} a second 0.12, bound 0.02).`,
    ],
  },
  {
    name: 'what happened between two scrapes, before what happened since start',
    before: [UP, called('fs.readFileSync', 'load', 12), called('bcrypt.hashSync', 'signIn', 1)],
    now: ['process_uptime_seconds 102', called('fs.readFileSync', 'load', 12), called('bcrypt.hashSync', 'signIn', 2)],
    sentences: [
      `signIn blocks the loop by bcrypt.hashSync for 1 s in the last 2 s, 50 % of the time; bcrypt.hash would not (growth of ${TIME} a second 0.5, bound 0.02).`,
    ],
  },
  {
    name: 'a log by its stream, and not as a call',
    now: [UP, called('process.stdout.write', 'log', 26), written('stdout', 26), written('stderr', 1)],
    sentences: [
      `Writing to stdout blocks the loop for 26 s since start, 26 % of the time; a logger that writes in a worker thread would not (growth of ${STDIO} a second 0.26, bound 0.01).`,
    ],
  },
];

for (const { name, before, now, sentences } of CASES) {
  test(name, () => {
    const figures = createFigures({
      now: parseText(exposition(...now)),
      ...(before === undefined ? {} : { before: parseText(exposition(...before)), elapsedS: 2 }),
    });
    const problems = [...blockingCallers(figures), ...blockingLogs(figures)];
    assert.deepEqual(
      problems.map(({ sentence }) => sentence),
      sentences,
    );
  });
}

// Looking again until there is an answer.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Answer } from '../../src/compare/observations.js';
import { NothingYet, UnreadableData } from '../../src/compare/unreadable.js';
import { watch } from '../../src/compare/watch.js';
import { verdict } from './verdicts.js';

type Step = Answer | Error;

async function watching(steps: readonly Step[], { drawing = false } = {}) {
  const looks: string[] = [];
  const told: string[] = [];
  const drawn: string[] = [];
  const outcome = await watch(
    async ({ number, of }) => {
      looks.push(`${number} of ${of}`);
      const step = steps[number - 1] ?? 'inconclusive';
      if (typeof step !== 'string') throw step;
      return { verdict: verdict({ verdict: step, progress: number / 10 }) };
    },
    {
      // Of the time until the next look something must be left for the bar that tells of it.
      ...(drawing ? { deadlineS: 3, everyS: 1 } : { deadlineS: 0.09, everyS: 0.03 }),
      tell: (line) => told.push(line),
      redraw: drawing ? (line) => drawn.push(line) : undefined,
    },
  ).then(
    ({ verdict: of }) => of.verdict,
    (error) => String(error),
  );
  return { outcome, looks, told, drawn };
}

it('ends with the first answer', async () => {
  const { outcome, looks, told } = await watching(['inconclusive', 'worse']);
  assert.deepEqual(
    [outcome, looks, told],
    ['worse', ['1 of 4', '2 of 4'], ['Look 1 of 4: inconclusive, 10 % of the data']],
  );
});

it('is inconclusive at the deadline', async () => {
  const { outcome, looks } = await watching([]);
  assert.deepEqual([outcome, looks.length], ['inconclusive', 4]);
});

it('waits for what was not seen yet, and bears a failure after that', async () => {
  const { outcome, told } = await watching([
    new NothingYet('Not seen.'),
    'inconclusive',
    new UnreadableData('Down.'),
    'better',
  ]);
  assert.equal(outcome, 'better');
  assert.deepEqual(told, [
    'Look 1 of 4: Not seen.',
    'Look 2 of 4: inconclusive, 20 % of the data',
    'Look 3 of 4: Down.',
  ]);
});

it('does not wait for a server that is not there, nor beyond the deadline', async () => {
  assert.equal((await watching([new UnreadableData('Down.')])).outcome, 'UnreadableData: Down.');
  const last = await watching(['inconclusive', 'inconclusive', 'inconclusive', new UnreadableData('Down.')]);
  assert.equal(last.outcome, 'UnreadableData: Down.');
  assert.equal((await watching([new TypeError('a bug')])).outcome, 'TypeError: a bug');
});

it('draws a bar instead of lines on a terminal, and takes it away', async () => {
  const { told, drawn } = await watching(['inconclusive', 'worse'], { drawing: true });
  assert.deepEqual(told, []);
  assert.ok(
    drawn.includes('[##------------------] inconclusive, 10 % of the data; look 2 of 4 in 1 s'),
    drawn.join('\n'),
  );
  assert.equal(drawn.at(-1), '');
});

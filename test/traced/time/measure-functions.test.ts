// measureFunctions(): every call that begins in time is told of once, however it ends.
import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MeasuredFunction, measureFunctions } from '../../../instrumentations/traced/time/measure-functions.js';
import { traced } from '../../../src/traced.js';
import { startHarness } from '../harness.js';

const harness = startHarness();
after(() => harness.stop());

function spin(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

const countsOf = (functions: readonly MeasuredFunction[]) =>
  functions.map(({ name, calls, unfinished }) => ({ name, calls, unfinished }));

test('a call that ends when the time is over is told of, and is finished', async () => {
  const short = traced('short', () => sleep(1));
  const late = traced('late', async () => {
    await sleep(60);
    spin(20);
  });
  const measured = measureFunctions({ forMs: 10 });
  await Promise.all([short(), late()]);
  const functions = await measured;
  // By their own time, of which the first call of anything may have much on a busy machine.
  const [first, second] = functions;
  assert.ok((first?.ownMs ?? 0) >= (second?.ownMs ?? Number.NaN));
  assert.deepEqual(
    countsOf(functions).sort((one, other) => (one.name < other.name ? -1 : 1)),
    [
      { name: 'late', calls: 1, unfinished: 0 },
      { name: 'short', calls: 1, unfinished: 0 },
    ],
  );
  const found = functions.find(({ name }) => name === 'late');
  assert.ok(found !== undefined && found.wallMs >= 60 && found.ownMs >= 20, 'all of it was measured');
});

test('a second request ends the first, which tells once of the call that makes it', async () => {
  let second: Promise<readonly MeasuredFunction[]> | undefined;
  const asks = traced('asks', () => {
    spin(2);
    second = measureFunctions({ forMs: 1 });
    spin(4);
  });
  const first = measureFunctions({ forMs: 60_000 });
  asks();
  const functions = await first;
  assert.deepEqual(countsOf(functions), [{ name: 'asks', calls: 1, unfinished: 1 }]);
  await second;
  assert.deepEqual(countsOf(functions), [{ name: 'asks', calls: 1, unfinished: 1 }], 'nothing is added later');
  const metrics = harness.metrics();
  const own = metrics['loopsight.function.time{code.function.name=asks,function.time.state=own}'] ?? 0;
  assert.equal(own, metrics['loopsight.function.duration.sum{code.function.name=asks}']);
});

test('a resource of the application that cannot be looked at harms nobody', async () => {
  class Odd extends AsyncResource {
    get buffer(): unknown {
      throw new Error('not for you');
    }
  }
  const odd = traced('odd', async () => {
    new Odd('ZLIB').runInAsyncScope(() => undefined);
    await sleep(1);
    return 'fine';
  });
  const measured = measureFunctions({ forMs: 5 });
  assert.equal(await odd(), 'fine');
  assert.deepEqual(countsOf(await measured), [{ name: 'odd', calls: 1, unfinished: 0 }]);
});

for (const forMs of [0, -1, Number.NaN, 600_001, '5']) {
  test(`${JSON.stringify(forMs)} is no time to measure for`, () => {
    assert.throws(() => measureFunctions({ forMs: forMs as number }), { name: 'TypeError', message: /forMs/ });
  });
}

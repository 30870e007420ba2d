// What the observer thread is for: a scrape is answered while the main thread is in a loop, and leaves it no backlog.
import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { startInstrumented } from '../support/instrumented.js';

// 200 a second for most of the block.
const SCRAPES = 700;

const keepAlive = new Agent({ keepAlive: true, maxSockets: 4 });

function fetchText(url: string): Promise<{ status: number; text: string; ms: number }> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { agent: keepAlive }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, ms: performance.now() - start }));
    }).on('error', reject);
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function sampleOf(text: string, name: string): number {
  return Number(text.match(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm'))?.[1]);
}

test('scrapes are answered while the main thread is in a loop of 5 s, 200 a second', async () => {
  await using program = await startInstrumented<{ app: string; metrics: string }>('http-server.mjs');
  const { app, metrics } = program.said;
  await fetchText(`${app}/`);
  const before = await fetchText(metrics);
  assert.equal(before.status, 200);
  assert.equal(sampleOf(before.text, 'loopsight_eventloop_blocked_seconds'), 0);

  await fetchText(`${app}/block?ms=5000`);
  // One every 5 ms, whether the ones before were answered or not: a slow endpoint must not slow its own test down.
  const scrapes: Promise<{ text: string; ms: number }>[] = [];
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      scrapes.push(fetchText(metrics));
      if (scrapes.length < SCRAPES) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
  const blocked = await Promise.all(scrapes);
  // The median leaves out what other programs on the machine do to single answers.
  assert.ok(median(blocked.map(({ ms }) => ms)) <= 50, `median ${median(blocked.map(({ ms }) => ms))} ms`);
  // On a busy machine the block may be over before the last ones are answered, and too many at a time are turned away.
  const most = (name: string) =>
    Math.max(...blocked.map(({ text }) => sampleOf(text, name)).filter((value) => !Number.isNaN(value)));
  assert.ok(most('loopsight_eventloop_blocked_seconds') > 1);
  assert.ok(most('loopsight_self_snapshot_age_seconds') > 1);

  // After the block the main thread has one request to answer, not one for each scrape.
  await fetchText(`${app}/`);
  const after = await fetchText(metrics);
  const snapshotS = sampleOf(after.text, 'loopsight_self_overhead_time_seconds_total');
  assert.ok(snapshotS < 0.1, `${snapshotS} s in snapshots`);
  assert.equal(sampleOf(after.text, 'loopsight_eventloop_blocked_seconds'), 0);
  assert.ok(sampleOf(after.text, 'loopsight_self_snapshot_age_seconds') < 1);
});

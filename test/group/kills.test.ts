// Members of a cluster are killed at random under load, while the endpoint is scraped every 100 ms.
// LOOPSIGHT_TEST_KILLS_MS=60000 is the long run.
import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { createRandom } from '../support/random.js';
import { type CountScrape, compareCounts, isTrue } from './rates.js';
import { kill, type Shop, scrape, startShop, sumBy } from './shop.js';

const DURATION_MS = Number(process.env.LOOPSIGHT_TEST_KILLS_MS ?? 10_000);
const WORKERS = 4;
const CONNECTIONS = 8;
const COUNT = 'http_server_request_duration_seconds_count';

/** Times at which each version answered, in milliseconds. */
type Answers = Map<string, number[]>;

async function load(shop: Shop, answers: Answers, isOver: () => boolean): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!isOver()) {
    await new Promise<void>((resolve) => {
      const request = get(shop.url, { agent, timeout: 2000 }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('error', () => resolve());
        response.on('end', () => {
          const times = answers.get(body) ?? [];
          times.push(performance.now());
          answers.set(body, times);
          resolve();
        });
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve());
    });
    // A connection a request, at times, so that the load follows the workers.
    if (Math.random() < 0.05) agent.destroy();
    await delay(4);
  }
  agent.destroy();
}

interface Scrape extends CountScrape {
  /** The version of the member that answered. */
  readonly server: string;
}

test('kills lose a second of counts, take nothing back, and interrupt scrapes only where the serving member dies', async () => {
  await using shop = await startShop(WORKERS);
  await eventually(
    () =>
      scrape(shop.metricsUrl).then(
        (metrics) => sumBy(metrics, 'loopsight_group_member_up', 'process').size,
        () => 0,
      ),
    (members) => members === WORKERS,
  );
  const random = createRandom(Number(process.env.LOOPSIGHT_TEST_SEED ?? Date.now() % 2 ** 31));
  const answers: Answers = new Map();
  const killedMs = new Map<string, number>();
  const servingKillsMs: number[] = [];
  const scrapes: Scrape[] = [];
  const failures: { readonly startMs: number; readonly endMs: number; readonly why: string }[] = [];
  let serving = '';
  let isOver = false;
  const loads = Array.from({ length: CONNECTIONS }, () => load(shop, answers, () => isOver));

  async function scrapeOnce(): Promise<void> {
    const atMs = performance.now();
    try {
      const metrics = await scrape(shop.metricsUrl);
      const endMs = performance.now();
      const standing = sumBy(metrics, 'loopsight_group_member_serving', 'service_version');
      const server = [...standing].find(([, value]) => value === 1)?.[0] ?? '';
      serving = server;
      scrapes.push({ startMs: atMs, atMs: endMs, server, counts: sumBy(metrics, COUNT, 'service_version') });
    } catch (error) {
      failures.push({ startMs: atMs, endMs: performance.now(), why: String(error) });
    }
  }

  const endMs = performance.now() + DURATION_MS;
  const pending = new Set<Promise<void>>();
  let nextKillMs = performance.now() + 1500;
  while (performance.now() < endMs) {
    const scraping = scrapeOnce();
    pending.add(scraping);
    void scraping.then(() => pending.delete(scraping));
    const living = shop.workers.filter(({ version }) => !killedMs.has(version));
    // On a busy machine new workers take their time.
    if (performance.now() > nextKillMs && living.length >= WORKERS - 1) {
      nextKillMs = performance.now() + 400 + random.next() * 1200;
      // The serving one dies as often as all others together.
      const victim = living.find(({ version }) => version === serving && random.next() < 0.5) ?? random.pick(living);
      killedMs.set(victim.version, performance.now());
      // Since the last one died nobody may have answered: any of them may be the one that serves now.
      if (serving === '' || victim.version === serving) {
        servingKillsMs.push(performance.now());
        serving = '';
      }
      kill(victim.pid, 'SIGKILL');
    }
    await delay(100);
  }
  await Promise.all(pending);
  isOver = true;
  await Promise.all(loads);
  await eventually(
    () => scrapeOnce().then(() => failures.length),
    () => scrapes.at(-1)?.counts.size !== 0,
  );

  assert.ok(killedMs.size >= DURATION_MS / 2500, `${killedMs.size} kills`);
  assert.ok(servingKillsMs.length > 0, 'the serving member was killed');
  // A second, and what a machine that is busy with others had everybody wait: who is not answered at once has no processor.
  const aSecondMs = (killMs: number) =>
    scrapes
      .filter(({ startMs, atMs }) => startMs < killMs + 2000 && atMs > killMs - 2000)
      .reduce((longest, { startMs, atMs }) => Math.max(longest, 1000 + atMs - startMs), 1000);
  // It was under way when its server was killed, or began in the second after that.
  const isExcused = ({ startMs, endMs: failedMs }: (typeof failures)[number]) =>
    servingKillsMs.some((killMs) => startMs <= killMs + aSecondMs(killMs) && failedMs >= killMs);
  const unexcused = failures
    .filter((failure) => !isExcused(failure))
    .map(({ startMs, endMs: failedMs, why }) => {
      const killMs = servingKillsMs.findLast((atMs) => atMs <= startMs) ?? Number.NaN;
      return `one that began ${startMs - killMs} ms after a death of the serving member, after ${failedMs - startMs} ms: ${why}`;
    });
  assert.deepEqual(unexcused, [], 'scrapes failed');

  // Answers to scrapes that overlap may come in any order: one must not show less than those that had ended when it began.
  const last = new Map<string, number>();
  const ended = [...scrapes].sort((a, b) => a.atMs - b.atMs);
  let next = 0;
  for (const { startMs, server, counts } of [...scrapes].sort((a, b) => a.startMs - b.startMs)) {
    for (let before = ended[next]; before !== undefined && before.atMs <= startMs; before = ended[++next]) {
      for (const [version, count] of before.counts) last.set(version, Math.max(last.get(version) ?? 0, count));
    }
    for (const [version, count] of counts) {
      const before = last.get(version) ?? 0;
      assert.ok(count >= before, `${version} went from ${before} to ${count} at ${startMs}, says ${server}`);
    }
  }
  for (const { counts } of scrapes) {
    for (const [version, count] of counts) last.set(version, Math.max(last.get(version) ?? 0, count));
  }
  let lost = 0;
  for (const [version, killMs] of killedMs) {
    // Of a serving member that died in the second before, nobody has taken over yet: what was told to it is gone as well.
    const orphanedMs = servingKillsMs.find((atMs) => atMs > killMs - aSecondMs(atMs) && atMs < killMs) ?? killMs;
    const times = (answers.get(version) ?? []).filter((atMs) => atMs < orphanedMs - aSecondMs(orphanedMs));
    assert.ok(
      (last.get(version) ?? 0) >= times.length,
      `${version} showed ${last.get(version)} of ${times.length}, from ${killMs - (times[0] ?? 0)} ms before its death on; the serving ones died ${servingKillsMs.map((atMs) => Math.round(killMs - atMs)).filter((ms) => Math.abs(ms) < 5000)} ms before it`,
    );
    lost += (answers.get(version)?.length ?? 0) - (last.get(version) ?? 0);
  }

  const rates = compareCounts(scrapes, answers, killedMs);
  assert.ok(isTrue(rates), `${rates.counted} requests where there were ${rates.atLeast} to ${rates.atMost}`);
  if (process.env.LOOPSIGHT_TEST_VERBOSE !== undefined) {
    const all = [...answers.values()].reduce((sum, { length }) => sum + length, 0);
    console.log({
      kills: killedMs.size,
      serving: servingKillsMs.length,
      failures: failures.length,
      scrapes: scrapes.length,
      lost,
      all,
      ...rates,
    });
  }
});

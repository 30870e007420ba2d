// A program with known shares, recorded, and read by other people's readers: every format says the same truth.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Profile as Pprof } from 'pprof-format';
import { attach } from '../../src/attach/attach.js';
import { recordWindow } from '../../src/attach/record-window.js';
import { formatFor } from '../../src/profile/formats.js';
import { profileFrom } from '../../src/profile/from-v8.js';
import { rank, timeOf } from '../../src/profile/hot.js';
import type { Profile } from '../../src/profile/profile.js';
import { startChromium } from '../support/chromium.js';
import { eventually } from '../support/eventually.js';
import { root } from '../support/run-node.js';
import { nodes, startTarget, type Target } from '../support/target.js';
import { annotated, requireAnnotate } from './callgrind-annotate.js';
import { readBySpeedscope } from './speedscope-reader.js';

const PROGRAM = join(root, 'test/profile/programs/shares.mjs');
const FUNCTIONS = ['largest', 'middle', 'smallest'];
const TOLERANCE = 5;
const DURATION_MS = 3000;
/** Where samples stand for more than this, the machine had other things to do than to take them. */
const GAP_US = 20_000;
const MOST_IN_GAPS = 0.1;
const ATTEMPTS = 6;

/** What the program did meanwhile, by its own clock: percent by function. */
type Truth = ReadonlyMap<string, number>;

const folder = mkdtempSync(join(tmpdir(), 'loopsight-truth-'));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const [major, node] of nodes()) {
  test(`every format tells the shares of a program on Node ${major}`, async (t) => {
    const { profile, truth } = await recordQuiet(node);
    // Where each of them was full of gaps, what these stand for can be anybody's.
    const tolerance = TOLERANCE + Math.max(0, inGaps(profile) - MOST_IN_GAPS) * 100;
    const assertTruth = (shareOf: (name: string) => number | undefined, where = '') => {
      for (const [name, expected] of truth) {
        const share = shareOf(name);
        assert.ok(share !== undefined, `${where}: nothing is said of ${name}`);
        assert.ok(Math.abs(share - expected) <= tolerance, `${where}: ${name} has ${share} %, not ${expected} %`);
      }
    };
    await t.test('our ranking', () => {
      const { busyUs } = timeOf(profile);
      assertTruth((name) => {
        const row = rank(profile, 'function').find((one) => one.name === name);
        return row === undefined ? undefined : (row.totalUs / busyUs) * 100;
      });
    });

    await t.test('callgrind, by callgrind_annotate', (t) => {
      if (!requireAnnotate(t)) return;
      const text = annotate(profile, ['--inclusive=yes']);
      assertTruth((name) => {
        const found = new RegExp(`\\(\\s*([\\d.]+)%\\).*:${name}(?: |$)`, 'm').exec(text);
        return found === null ? undefined : Number(found[1]);
      });
    });

    await t.test('callgrind, line by line', (t) => {
      if (!requireAnnotate(t)) return;
      const text = annotate(profile, ['--auto=yes']);
      const shareOf = (line: RegExp) =>
        Number(new RegExp(`\\(\\s*([\\d.]+)%\\)\\s+${line.source}`).exec(text)?.[1] ?? 0);
      // V8 may have inlined `work` before; its time is that of the lines that call it then.
      const inlined = shareOf(/return work\(53\);/);
      assert.ok(shareOf(/for \(let i = 0; /) + inlined > 45 - tolerance, text);
      // Which line called is not known: calls stand in the line where the calling function begins.
      const body = /function largest\(\) \{\n[^}]*\}/.exec(text)?.[0] ?? '';
      const calls = [...body.matchAll(/\(\s*([\d.]+)%\)\s+=> /g)].reduce((sum, [, share]) => sum + Number(share), 0);
      assert.ok(Math.abs(calls + inlined - (truth.get('largest') ?? 0)) <= tolerance, text);
    });

    await t.test('pprof, by pprof-format', () => {
      const decoded = Pprof.decode(gunzipSync(formatFor('x.pb.gz').write(profile)));
      const shares = pprofShares(decoded);
      assertTruth((name) => shares.get(name));
    });

    await t.test('all that speedscope imports', async (t) => {
      const browser = await startChromium(t);
      if (browser === undefined) return;
      t.after(() => browser.close());
      for (const name of ['x.speedscope.json', 'x.cpuprofile', 'x.pb.gz', 'callgrind.out.1', 'x.collapsed']) {
        const shares = await readBySpeedscope(browser, folder, name, formatFor(name).write(profile));
        const called = [...shares].map(([key, value]) => [key.replace(/ \(.*/, ''), value] as const);
        assertTruth((wanted) => called.find(([key]) => key === wanted)?.[1].total, name);
      }
    });
  });
}

interface Recorded {
  readonly profile: Profile;
  readonly truth: Truth;
}

// Samples that were not taken say nothing, whatever the format: of some recordings the one with the fewest gaps.
async function recordQuiet(node: string): Promise<Recorded> {
  let best = await record(node);
  for (let attempt = 1; attempt < ATTEMPTS && inGaps(best.profile) > MOST_IN_GAPS; attempt++) {
    const next = await record(node);
    if (inGaps(next.profile) < inGaps(best.profile)) best = next;
  }
  return best;
}

function inGaps({ threads: [main] }: Profile): number {
  const all = main?.sampleUs ?? [];
  const sum = (times: readonly number[]) => times.reduce((total, us) => total + us, 0);
  return sum(all.filter((us) => us > GAP_US)) / sum(all);
}

async function record(node: string): Promise<Recorded> {
  const target = await startTarget(PROGRAM, { node });
  try {
    const inspected = await attach(target.pid);
    try {
      const recording = await recordWindow(inspected, { durationMs: DURATION_MS, intervalUs: 1000, threads: 'all' });
      const profile = profileFrom(recording, { title: 'shares.mjs', root: join(PROGRAM, '..') });
      return { profile, truth: await truthOf(target, profile) };
    } finally {
      await inspected.detach();
    }
  } finally {
    await target.kill();
  }
}

// What the program told of itself between the begin and the end of the recording; it may come later than that.
async function truthOf(target: Target, { unixMs, durationUs }: Profile): Promise<Truth> {
  const endMs = unixMs + durationUs / 1000;
  const told = () => {
    const lines = target.output().stdout.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('[')).map((line): number[] => JSON.parse(line));
  };
  const all = await eventually(told, (lines) => (lines.at(-1)?.[0] ?? 0) > endMs);
  const within = all.filter(([atMs = 0]) => atMs >= unixMs && atMs <= endMs);
  const [first = [], last = []] = [within[0], within.at(-1)];
  const spent = FUNCTIONS.map((_, index) => (last[index + 1] ?? 0) - (first[index + 1] ?? 0));
  const sum = spent.reduce((total, ms) => total + ms, 0);
  return new Map(FUNCTIONS.map((name, index) => [name, ((spent[index] ?? 0) / sum) * 100]));
}

function annotate(profile: Profile, options: readonly string[]): string {
  return annotated(folder, String(formatFor('', 'callgrind').write(profile)), options);
}

function pprofShares({ sample, location, function: functions, stringTable }: Pprof): ReadonlyMap<string, number> {
  const byId = <T extends { id: number | bigint }>(items: readonly T[]) =>
    new Map(items.map((item) => [Number(item.id), item]));
  const [locations, codes] = [byId(location), byId(functions)];
  const totals = new Map<string, number>();
  let all = 0;
  for (const { locationId, value } of sample) {
    const time = Number(value[1]);
    all += time;
    const names = locationId.map((id) => {
      const code = codes.get(Number(locations.get(Number(id))?.line[0]?.functionId));
      return stringTable.strings[Number(code?.name)] ?? '';
    });
    for (const name of new Set(names)) totals.set(name, (totals.get(name) ?? 0) + time);
  }
  return new Map([...totals].map(([name, time]) => [name, (time / all) * 100]));
}

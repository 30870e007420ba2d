// Whatever V8 records: times add up to the same in every format, and nothing that a program is called breaks a file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import Ajv from 'ajv';
import fc from 'fast-check';
import { Profile as Pprof } from 'pprof-format';
import { diff } from '../../src/profile/diff.js';
import { FORMATS, formatFor } from '../../src/profile/formats.js';
import { profileFrom } from '../../src/profile/from-v8.js';
import { rank, timeOf } from '../../src/profile/hot.js';
import type { Profile } from '../../src/profile/profile.js';
import { writeSpeedscope } from '../../src/profile/speedscope.js';
import type { V8Profile } from '../../src/profile/v8-profile.js';
import { readCallgrind } from './read-callgrind.js';
import { frame, hugeRecording, recordingOf, recordings, v8Profile } from './recordings.js';

const RUNS = Number(process.env.LOOPSIGHT_PROPERTY_RUNS ?? 300);
const OPTIONS = { title: 'a program', root: '/srv' };

const forAll = (check: (profile: Profile) => void) =>
  fc.assert(
    fc.property(recordings, (recording) => check(profileFrom(recording, OPTIONS))),
    { numRuns: RUNS },
  );

const written = (name: string, profile: Profile): string => String(formatFor('', name).write(profile));

test('the time of the nodes is that of the samples, and their lines have no more', () =>
  forAll(({ threads }) => {
    for (const { nodes, samples, sampleUs } of threads) {
      assert.equal(sum(nodes.map(({ selfUs }) => selfUs)), sum(sampleUs));
      assert.equal(samples.length, sampleUs.length);
      for (const [index, { parent, selfUs, lines }] of nodes.entries()) {
        assert.ok(parent < index && (parent >= 0 || index === 0));
        assert.ok(sum(lines.map(([, us]) => us)) <= selfUs);
        assert.ok(lines.every(([line, us]) => line > 0 && us > 0));
      }
    }
  }));

test('every ranking shares out the busy time, and no total is more than it', () =>
  forAll((profile) => {
    const { busyUs } = timeOf(profile);
    for (const by of ['function', 'line', 'package', 'thread'] as const) {
      const rows = rank(profile, by);
      assert.equal(sum(rows.map(({ selfUs }) => selfUs)), busyUs, by);
      for (const { selfUs, totalUs } of rows) assert.ok(selfUs <= totalUs && totalUs <= busyUs);
    }
  }));

test('collapsed stacks have the busy time', () =>
  forAll((profile) => {
    const lines = written('collapsed', profile).split('\n').slice(0, -1);
    const times = lines.map((line) => {
      const match = /^[^\p{Cc}]+ (\d+)$/u.exec(line);
      assert.ok(match, line);
      return Number(match[1]);
    });
    assert.equal(sum(times), timeOf(profile).busyUs);
  }));

test('pprof has the busy time, by function', () =>
  forAll((profile) => {
    const {
      sample,
      location,
      function: functions,
      stringTable,
    } = Pprof.decode(gunzipSync(formatFor('', 'pprof').write(profile)));
    assert.equal(sum(sample.map(({ value }) => Number(value[1]))), timeOf(profile).busyUs * 1000);
    const ids = new Set(location.map(({ id }) => Number(id)));
    const codes = new Set(functions.map(({ id }) => Number(id)));
    for (const { locationId } of sample) for (const id of locationId) assert.ok(ids.has(Number(id)));
    for (const { line } of location) assert.ok(codes.has(Number(line[0]?.functionId)));
    assert.equal(stringTable.strings[0], '');
  }));

test('callgrind has the busy time, and a recursion once in the totals', () =>
  forAll((profile) => {
    const { summary, functions } = readCallgrind(written('callgrind', profile));
    const { busyUs } = timeOf(profile);
    assert.equal(summary, busyUs);
    assert.equal(sum([...functions.values()].map(({ self }) => self)), busyUs);
    const called = [...functions].filter(([key]) => !key.includes('(thread '));
    const totals = called.map(([, { calledFor }]) => calledFor).filter((us) => us > 0);
    const ranked = rank(profile, 'function').map(({ totalUs }) => totalUs);
    assert.deepEqual(descending(totals), descending(ranked.filter((us) => us > 0)));
  }));

test('speedscope has all of the time, and its schema is kept', () => {
  const schema = readFileSync('node_modules/speedscope/dist/release/file-format-schema.json', 'utf8');
  const validate = new Ajv.Ajv({ strict: false }).compile(JSON.parse(schema));
  forAll((profile) => {
    const text = written('speedscope', profile);
    assert.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors));
    const file = JSON.parse(text) as SpeedscopeFile;
    for (const [index, { nodes }] of profile.threads.entries()) {
      const { startValue = 0, endValue, weights = [] } = file.profiles[index] ?? {};
      assert.equal(sum(weights), sum(nodes.map(({ selfUs }) => selfUs)));
      assert.equal(Number(endValue) - startValue, sum(weights));
    }
  });
});

test('speedscope has the same times where all samples would be too much for it', () =>
  forAll((profile) => {
    const { profiles } = JSON.parse(writeSpeedscope(profile, { mostFrames: 0 })) as SpeedscopeFile;
    const all = JSON.parse(writeSpeedscope(profile)) as SpeedscopeFile;
    for (const [index, { weights }] of profiles.entries()) {
      assert.equal(sum(weights), sum(all.profiles[index]?.weights ?? []));
      assert.ok(weights.length <= (profile.threads[index]?.nodes.length ?? 1));
    }
  }));

test('a .cpuprofile is one of V8, and reads back with the same times', () =>
  forAll((profile) => {
    const file = JSON.parse(written('cpuprofile', profile)) as V8Profile;
    assert.equal(file.samples?.length, file.timeDeltas?.length);
    const ids = new Set(file.nodes.map(({ id }) => id));
    assert.ok(file.samples?.every((id) => ids.has(id)));
    assert.equal(new Set(file.nodes.flatMap(({ children = [] }) => children)).size, file.nodes.length - 1);
    const again = profileFrom({ ...recordingOf(file), nodeVersion: '' }, { ...OPTIONS, mapped: false });
    const times = (one: Profile) =>
      descending(
        rank(one, 'function')
          .map(({ selfUs }) => selfUs)
          .filter((us) => us > 0),
      );
    assert.deepEqual(times(again), times(profile));
    assert.equal(timeOf(again).idleUs, timeOf(profile).idleUs);
  }));

test('our own JSON says all of it', () =>
  forAll((profile) => {
    const { type, version, ...read } = JSON.parse(written('json', profile));
    assert.deepEqual([type, version], ['loopsight-profile', 1]);
    assert.deepEqual(read, JSON.parse(JSON.stringify(profile)));
  }));

test('nothing changed between a profile and itself; all of it between it and an empty one', () =>
  forAll((profile) => {
    for (const { selfChange, totalChange } of diff(profile, profile).functions) {
      assert.deepEqual([selfChange, totalChange], [0, 0]);
    }
    const empty = profileFrom(recordingOf(), OPTIONS);
    const { functions, nodes, afterBusyUs } = diff(empty, profile);
    assert.equal(afterBusyUs, timeOf(profile).busyUs);
    assert.equal(sum(nodes.map(({ afterSelfUs }) => afterSelfUs)), afterBusyUs);
    assert.equal(sum(functions.map(({ after }) => after.selfUs)), afterBusyUs);
    assert.ok(functions.every(({ before }) => before.totalUs === 0));
  }));

test('a profile of nothing can be written in every format', () => {
  for (const recording of [
    recordingOf(),
    recordingOf(v8Profile([])),
    recordingOf({ nodes: [], startTime: 0, endTime: 0 }),
  ]) {
    const profile = profileFrom(recording, OPTIONS);
    for (const { name, write } of FORMATS) assert.doesNotThrow(() => write(profile), name);
    assert.deepEqual(rank(profile, 'function'), []);
  }
});

test('a recursion of 20,000 calls is read, ranked and written', () => {
  let tree = { frame: frame('deep', '/srv/deep.js', 3), samples: 2, lines: [[4, 2]] as [number, number][] };
  const profile = v8Profile([tree]);
  const nodes = Array.from({ length: 20_000 }, (_, index) => {
    const [{ frame: callFrame }, children] = [tree, index === 19_999 ? [] : [index + 3]];
    return { id: index + 2, callFrame, hitCount: 0, children };
  });
  const root = { id: 1, callFrame: frame('(root)'), hitCount: 0, children: [2] };
  const deep = profileFrom(
    recordingOf({ ...profile, nodes: [root, ...nodes], samples: [20_001], timeDeltas: [0] }),
    OPTIONS,
  );
  tree = { ...tree, samples: 0 };
  const [row] = rank(deep, 'function');
  assert.deepEqual([row?.selfUs, row?.totalUs], [2000, 2000]);
  for (const { name, write } of FORMATS) assert.doesNotThrow(() => write(deep), name);
});

test('100,000 nodes are read, ranked, compared and written in seconds', () => {
  const profile = profileFrom(hugeRecording(100_000, 60, 2999), OPTIONS);
  assert.equal(profile.threads[0]?.nodes.length, 100_000);
  const slow: string[] = [];
  const timed = (what: string, work: () => unknown) => {
    const startMs = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(startMs);
    if (user + system > 8e6) slow.push(`${what}: ${user + system} us`);
  };
  for (const by of ['function', 'line', 'package', 'thread'] as const) timed(by, () => rank(profile, by));
  timed('diff', () => diff(profile, profile));
  for (const { name, write } of FORMATS) timed(name, () => write(profile));
  assert.deepEqual(slow, []);
});

interface SpeedscopeFile {
  readonly profiles: readonly { readonly startValue: number; readonly endValue: number; readonly weights: number[] }[];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const descending = (values: readonly number[]): number[] => [...values].sort((a, b) => b - a);

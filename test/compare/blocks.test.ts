// Blocks from answers: both ends there, no restart between them, one version.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Answers, type BlocksOptions, blocksOf } from '../../src/compare/prometheus/blocks.js';
import type { Series } from '../../src/compare/prometheus/matrix.js';

type Labels = Readonly<Record<string, string>>;

/** Values at 0 s, 60 s, 120 s, …; undefined where there is none. */
function series(labels: Labels, ...values: readonly (number | undefined)[]): Series {
  const known = values.flatMap((value, index) => (value === undefined ? [] : [[index * 60_000, value] as const]));
  return { labels: new Map(Object.entries(labels)), values: new Map(known) };
}

const NOTHING: Answers = {
  ...{ present: [], infos: [], uptime: [], requests: [], loopActive: [], gc: [] },
  ...{ lagBuckets: [], lagSum: [], functionBuckets: [], functionSum: [] },
};
const OPTIONS: BlocksOptions = {
  ...{
    instanceLabels: ['instance', 'process'],
    by: 'version',
    labelOn: 'series',
    functionLabel: 'function',
    blockS: 60,
  },
};
const A = { instance: 'a', version: '1' };

function blocks(answers: Partial<Answers>, options: Partial<BlocksOptions> = {}) {
  return blocksOf({ ...NOTHING, ...answers }, { ...OPTIONS, ...options });
}
const starts = (answers: Partial<Answers>, options?: Partial<BlocksOptions>) =>
  blocks(answers, options).map(({ value, block }) => `${block.instance} ${value} ${block.startS}`);

it('makes a block of each step at whose both ends the instance was there', () => {
  assert.deepEqual(starts({ present: [series(A, 1, 1, undefined, 1, 1)] }), ['a 1 0', 'a 1 180']);
});

it('leaves out a block with a restart in it', () => {
  const answers = { present: [series(A, 1, 1, 1, 1)], uptime: [series(A, 500, 560, 30, 90)] };
  assert.deepEqual(starts(answers), ['a 1 0', 'a 1 120']);
  assert.deepEqual(
    blocks(answers).map(({ block }) => block.ageS),
    [500, 30],
  );
});

it('tells processes of one endpoint apart', () => {
  const present = ['worker-1', 'worker-2'].map((process) => series({ ...A, process }, 1, 1));
  assert.deepEqual(starts({ present }), ['a/worker-1 1 0', 'a/worker-2 1 0']);
});

it('takes the version of target_info, and leaves out the block in which it changes and times with two', () => {
  const infos = [
    series({ instance: 'a', version: '1' }, 1, 1, 1),
    series({ instance: 'a', version: '2' }, undefined, undefined, undefined, 1, 1, 1),
    series({ instance: 'a', version: '3' }, undefined, undefined, undefined, undefined, undefined, 1, 1, 1),
  ];
  const present = [series({ instance: 'a' }, 1, 1, 1, 1, 1, 1, 1, 1)];
  assert.deepEqual(starts({ present, infos }, { labelOn: 'target_info' }), ['a 1 0', 'a 1 60', 'a 2 180', 'a 3 360']);
});

it('finds the version of instances that have labels which target_info has not, and keeps places apart', () => {
  const places = ['staging', 'production'].map((namespace) => ({ namespace, instance: 'web-0' }));
  const present = places.map((labels) => series(labels, 1, 1));
  const options = { labelOn: 'target_info', instanceLabels: ['namespace', 'instance', 'process'] } as const;
  const shared = [series({ instance: 'web-0', version: '1' }, 1, 1)];
  assert.deepEqual(starts({ present, infos: shared }, options), ['staging/web-0 1 0', 'production/web-0 1 0']);
  const infos = places.map((labels, index) => series({ ...labels, version: `${index + 1}` }, 1, 1));
  assert.deepEqual(starts({ present, infos }, options), ['staging/web-0 1 0', 'production/web-0 2 0']);
});

it('reads histograms, whatever the spelling and order of bounds, and lets no bucket have less than nothing', () => {
  const bucket = (le: string, ...values: readonly number[]) => series({ ...A, le }, ...values);
  const lagBuckets = [bucket('+Inf', 0, 9, 7), bucket('1.0', 0, 6.5, 7), bucket('0.1', 0, 7, 5), bucket('', 0, 99, 99)];
  const found = blocks({ present: [series(A, 1, 1, 1)], lagBuckets, lagSum: [series(A, 0, 3, Number.NaN)] });
  assert.deepEqual(
    found.map(({ block }) => block.lag),
    [
      { bounds: [0.1, 1], counts: [7, 0, 2], sum: 3 },
      { bounds: [0.1, 1], counts: [5, 2, 0], sum: undefined },
    ],
  );
});

it('reads histograms whose bounds changed, in their spelling or in their number', () => {
  const bucket = (le: string, ...values: readonly (number | undefined)[]) => series({ ...A, le }, ...values);
  const lagBuckets = [
    bucket('1', 0, 6, 6, undefined, undefined),
    bucket('1.0', 0, undefined, 1, 7, 8),
    bucket('0.5', 0, undefined, undefined, undefined, 3),
    bucket('+Inf', 0, 9, 9, 9, 9),
  ];
  assert.deepEqual(
    blocks({ present: [series(A, 1, 1, 1, 1, 1)], lagBuckets }).map(({ block }) => [
      block.lag?.bounds,
      block.lag?.counts,
    ]),
    [
      [[1], [6, 3]],
      // Some of it went to each spelling.
      [[1], [7, 2]],
      [[1], [7, 2]],
      [
        [0.5, 1],
        [3, 5, 1],
      ],
    ],
  );
});

it('has no histogram where a bucket is missing or is no counter', () => {
  const found = (...lagBuckets: Series[]) => blocks({ present: [series(A, 1, 1)], lagBuckets })[0]?.block.lag;
  assert.equal(found(series({ ...A, le: '1' }, 0, 5)), undefined);
  assert.equal(found(series({ ...A, le: '1' }, 0, 5), series({ ...A, le: '+Inf' }, 0, 1e300)), undefined);
});

it('keeps functions apart, also those with the names of an object', () => {
  const functionBuckets = ['__proto__', 'toString'].flatMap((name) =>
    ['0.1', '+Inf'].map((le) => series({ ...A, function: name, le }, 0, 4)),
  );
  const [found] = blocks({ present: [series(A, 1, 1)], functionBuckets });
  assert.deepEqual(
    [...(found?.block.functions ?? [])].map(([name, { counts }]) => [name, counts]),
    [
      ['__proto__', [4, 0]],
      ['toString', [4, 0]],
    ],
  );
});

it('leaves out a block in which nothing moved: what pushes is there for some minutes after its end', () => {
  const answers = {
    present: [series(A, 1, 1, 1, 1)],
    loopActive: [series(A, 0, 3, 0, 0)],
    requests: [series(A, 0, 9, 0, 1)],
  };
  assert.deepEqual(starts(answers), ['a 1 0', 'a 1 120']);
});

it('has no requests where none were counted, and leaves unknown what was not told', () => {
  const [found] = blocks({ present: [series(A, 1, 1)], loopActive: [series(A, 0, -3)] });
  assert.deepEqual(
    [found?.block.requests, found?.block.loopActiveS, found?.block.gcS, found?.block.ageS],
    [0, undefined, undefined, undefined],
  );
});

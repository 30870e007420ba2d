// What crosses between members: frames in any pieces, figures that arrive as they were sent, and nothing else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFrameReader, encodeFrame, type Frame, MAX_TEXT_BYTES, MAX_VALUES } from '../../src/group/frames.js';
import { createFiguresTaker } from '../../src/group/take-figures.js';
import { createFiguresTeller } from '../../src/group/tell-figures.js';
import { METRICS } from '../../src/metric-names.js';
import { serialize } from '../../src/prometheus/serialize.js';
import { SeriesTable } from '../../src/prometheus/snapshot.js';
import { createStore } from '../../src/recorder/store.js';
import { createRandom } from '../support/random.js';

const CLOCK = { monotonicMs: () => 0, unixMs: () => 1_700_000_000_000 };

function readAll(bytes: Buffer, size = bytes.length): Frame[] {
  const frames: Frame[] = [];
  const read = createFrameReader((frame) => frames.push(frame));
  for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
  return frames;
}

function one(bytes: Buffer): Frame {
  const [frame] = readAll(bytes);
  assert.ok(frame);
  return frame;
}

function text(table: SeriesTable): string {
  return [
    ...serialize([{ table }], { format: { kind: 'openmetrics', version: '1.0.0', escaping: 'underscores' } }),
  ].join('');
}

describe('frames', () => {
  const values = [Float64Array.of(1, Number.NaN, -0), Float64Array.of(Number.POSITIVE_INFINITY)];
  const bytes = Buffer.concat([
    encodeFrame({ type: 'a', text: 'é\ud800🦊' }, values),
    encodeFrame({ type: 'b' }),
    encodeFrame({}, values),
  ]);
  for (const size of [1, 2, 7, 12, 13, 64, 10_000]) {
    test(`are read from pieces of ${size} bytes`, () => {
      const frames = readAll(bytes, size);
      assert.deepEqual(
        frames.map(({ message }) => message),
        [{ type: 'a', text: 'é\ud800🦊' }, { type: 'b' }, {}],
      );
      assert.deepEqual(
        frames.map((frame) => [...frame.values].map((value) => (Object.is(value, -0) ? '-0' : value))),
        [[1, Number.NaN, '-0', Number.POSITIVE_INFINITY], [], [1, Number.NaN, '-0', Number.POSITIVE_INFINITY]],
      );
    });
  }

  const head = (magic: number, textBytes: number, count: number) => {
    const buffer = Buffer.alloc(12);
    buffer.writeUInt32BE(magic, 0);
    buffer.writeUInt32BE(textBytes, 4);
    buffer.writeUInt32BE(count, 8);
    return buffer;
  };
  const BAD: Readonly<Record<string, Buffer>> = {
    'a request of HTTP': Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    'another version': head(0x4c_53_47_02, 2, 0),
    'more text than is allowed': head(0x4c_53_47_01, MAX_TEXT_BYTES + 1, 0),
    'more values than are allowed': head(0x4c_53_47_01, 2, MAX_VALUES + 1),
    'what is no JSON': Buffer.concat([head(0x4c_53_47_01, 2, 0), Buffer.from('{]')]),
  };
  for (const [title, bad] of Object.entries(BAD)) {
    test(`refuse ${title} before it is all there`, () => assert.throws(() => readAll(bad, 1)));
  }

  test('refuse to be larger than a reader takes', () => {
    assert.throws(() => encodeFrame({}, [new Float64Array(MAX_VALUES + 1)]), RangeError);
  });
});

describe('figures', () => {
  test('arrive as they were sent, over many changes', () => {
    const random = createRandom(7);
    const store = createStore({ clock: CLOCK, report: (error) => assert.fail(String(error)) });
    const reader = store.open();
    const table = new SeriesTable();
    const tell = createFiguresTeller();
    const take = createFiguresTaker();
    const held: { add(value: number): void; release(): void }[] = [];
    for (let round = 0; round < 200; round++) {
      const name = random.text(6);
      if (random.next() < 0.6) held.push(store.sum(METRICS.workerExits, { 'thread.name': name }));
      if (random.next() < 0.3) store.histogram(METRICS.eventLoopLag, { 'thread.name': name }).record(random.next());
      if (random.next() < 0.4) held.splice(random.below(held.length + 1), 1)[0]?.release();
      for (const series of held) series.add(random.below(1000));
      table.apply(reader.read());
      // A dead member's table, or a stale one, is a copy.
      const taken = take(one(tell({ tables: [table], constantLabels: { a: 'b' }, resource: { c: name } })));
      assert.equal(text(taken.tables[0] ?? new SeriesTable()), text(table));
      assert.deepEqual(taken.resource, { c: name });
    }
  });

  test('describe a series once', () => {
    const store = createStore({ clock: CLOCK, report: (error) => assert.fail(String(error)) });
    store.sum(METRICS.workerExits, { 'thread.name': 'x' });
    const table = new SeriesTable();
    const reader = store.open();
    const tell = createFiguresTeller();
    const figures = { tables: [table], constantLabels: {}, resource: {} };
    table.apply(reader.read());
    assert.match(tell(figures).toString('latin1'), /thread\.name/);
    table.apply(reader.read());
    assert.doesNotMatch(tell(figures).toString('latin1'), /thread\.name/);
  });

  test('bring exemplars, the new ones', () => {
    const family = { name: 'a', unit: '', kind: 'counter', description: '' } as const;
    const exemplar = { series: 1, bucket: 0, value: 2, unixMs: 1000, traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
    const table = new SeriesTable();
    table.apply({
      unixMs: 0,
      added: [{ id: 1, family, attributes: [], offset: 0, startUnixMs: Number.NaN }],
      removed: [],
      values: Float64Array.of(3),
      exemplars: [exemplar],
    });
    const tell = createFiguresTeller();
    const take = createFiguresTaker();
    const figures = { tables: [table], constantLabels: {}, resource: {} };
    const [taken] = take(one(tell(figures))).tables;
    assert.deepEqual(taken?.exemplarsOf(1), [exemplar]);
    assert.doesNotMatch(tell(figures).toString('latin1'), /bbbb/);
  });

  const FAMILY = { name: 'a', unit: '', kind: 'histogram', description: '', bounds: [1, 2] };
  const TABLE = { unixMs: 0, families: [FAMILY], added: [[1, 0, [], 0, 0]], removed: [], exemplars: [], length: 4 };
  const MESSAGE = { type: 'figures', constantLabels: {}, resource: {}, tables: [TABLE] };
  const four = new Float64Array(4);
  test('are taken where they are well-formed', () => {
    createFiguresTaker()({ message: MESSAGE, values: four });
  });

  test('keep a sum away that there is none of', () => {
    const table = { ...TABLE, families: [{ ...FAMILY, hasSum: false }] };
    const values = Float64Array.of(1, 2, 3, Number.NaN);
    const { tables } = createFiguresTaker()({ message: { ...MESSAGE, tables: [table] }, values });
    assert.doesNotMatch(text(tables[0] ?? new SeriesTable()), /a_sum/);
  });

  const MALFORMED: Readonly<Record<string, unknown>> = {
    nothing: null,
    'a list': [],
    'no tables': { ...MESSAGE, tables: undefined },
    'a thousand tables': {
      ...MESSAGE,
      tables: Array.from({ length: 1000 }, () => ({ ...TABLE, length: 0, added: [] })),
    },
    'labels that are no texts': { ...MESSAGE, constantLabels: { a: {} } },
    'more values than there are': { ...MESSAGE, tables: [{ ...TABLE, length: 5 }] },
    'a negative length': { ...MESSAGE, tables: [{ ...TABLE, length: -1 }] },
    'a series beyond the values': { ...MESSAGE, tables: [{ ...TABLE, added: [[1, 0, [], 1, 0]] }] },
    'a broken offset': { ...MESSAGE, tables: [{ ...TABLE, added: [[1, 0, [], 0.5, 0]] }] },
    'a series that is there already': { ...MESSAGE, tables: [{ ...TABLE, added: [...TABLE.added, ...TABLE.added] }] },
    'a family that is not there': { ...MESSAGE, tables: [{ ...TABLE, added: [[1, 1, [], 0, 0]] }] },
    'a kind that there is not': { ...MESSAGE, tables: [{ ...TABLE, families: [{ ...FAMILY, kind: 'constructor' }] }] },
    'attributes that are no texts': { ...MESSAGE, tables: [{ ...TABLE, added: [[1, 0, [['a', {}]], 0, 0]] }] },
    'a bucket of a million': {
      ...MESSAGE,
      tables: [{ ...TABLE, exemplars: [{ series: 1, bucket: 1e6, value: 1, unixMs: 1, traceId: '', spanId: '' }] }],
    },
  };
  for (const [title, message] of Object.entries(MALFORMED)) {
    test(`are refused with ${title}`, () => {
      assert.throws(() => createFiguresTaker()({ message, values: four }), /malformed/);
    });
  }

  test('are refused with more series than a member may have', () => {
    const added = Array.from({ length: 50_001 }, (_, id) => [id, 0, [], 0, 0]);
    const message = { ...MESSAGE, tables: [{ ...TABLE, added }] };
    assert.throws(() => createFiguresTaker()({ message, values: four }), /malformed/);
  });
});

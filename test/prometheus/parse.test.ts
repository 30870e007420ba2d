import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeText } from '../../src/prometheus/escaping.js';
import { parseText } from '../../src/prometheus/parse.js';
import { expose } from '../support/expose.js';
import { createRandom } from '../support/random.js';
import { type FamilyFixture, tableOf } from '../support/series-table.js';

const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');

test('families, types, help, labels and values are read', () => {
  const { families } = parseText(
    [
      '# a comment',
      '#HELP not a help line',
      '# HELP http_requests_total The \\\\ total\\nof requests.',
      '# TYPE http_requests_total counter',
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      '  http_requests_total { method = "a\\"b\\\\c\\nd" , } 3.5e2\t',
      '',
      '# TYPE wait histogram',
      'wait_bucket{le="+Inf"} 2',
      'wait_sum NaN',
      'wait_count +Inf',
      'wait_other -0',
      'plain -Inf\r',
    ].join('\n'),
  );
  assert.deepEqual([...families.keys()], ['http_requests_total', 'wait', 'wait_other', 'plain']);
  assert.deepEqual(families.get('http_requests_total'), {
    type: 'counter',
    help: 'The \\ total\nof requests.',
    samples: [
      { name: 'http_requests_total', labels: { method: 'post', code: '200' }, value: 1027 },
      { name: 'http_requests_total', labels: { method: 'a"b\\c\nd' }, value: 350 },
    ],
  });
  const wait = families.get('wait');
  assert.equal(wait?.type, 'histogram');
  assert.deepEqual(
    wait?.samples.map(({ name, value }) => [name, value]),
    [
      ['wait_bucket', 2],
      ['wait_sum', Number.NaN],
      ['wait_count', Infinity],
    ],
  );
  assert.ok(Object.is(families.get('wait_other')?.samples[0]?.value, -0));
  assert.equal(families.get('plain')?.samples[0]?.value, -Infinity);
  assert.equal(families.get('plain')?.type, 'untyped');
});

test('OpenMetrics is tolerated: suffixed names, units, exemplars, quoted names, the end', () => {
  const { families } = parseText(
    [
      '# TYPE foo_seconds counter',
      '# UNIT foo_seconds seconds',
      'foo_seconds_total{a="b"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67',
      'foo_seconds_created 1',
      '# TYPE build info',
      'build_info{v="1"} 1 # {trace_id="x # }"} 2',
      '# TYPE u unknown',
      'u 1',
      '# TYPE "my.metric" gauge',
      '{"my.metric","a.b"="c"} 4',
      '# EOF',
      'what follows is not read',
    ].join('\n'),
  );
  assert.deepEqual(
    families.get('foo_seconds')?.samples.map(({ name }) => name),
    ['foo_seconds_total', 'foo_seconds_created'],
  );
  assert.deepEqual(families.get('foo_seconds')?.samples[0]?.exemplar, {
    labels: { trace_id: 'KOO5S4vxi0o' },
    value: 0.67,
  });
  assert.deepEqual(families.get('build')?.samples[0]?.exemplar, { labels: { trace_id: 'x # }' }, value: 2 });
  assert.equal(families.get('u')?.type, 'untyped');
  assert.deepEqual(families.get('my.metric')?.samples, [{ name: 'my.metric', labels: { 'a.b': 'c' }, value: 4 }]);
});

test('an exemplar: labels of any names, a value, and a time where there is one', () => {
  const exemplarOf = (line: string) => [...parseText(line).families.values()][0]?.samples[0]?.exemplar;
  assert.deepEqual(exemplarOf('x 1 # {} 0.5\r'), { labels: {}, value: 0.5 });
  assert.deepEqual(exemplarOf('x{a="b"} 1 9 # {"a.b"="\\"} # {",c="d"} +Inf 1763700000.123'), {
    labels: { 'a.b': '"} # {', c: 'd' },
    value: Infinity,
    unixS: 1_763_700_000.123,
  });
});

test('labels may have the names of things that objects bring along', () => {
  const { families } = parseText('x{__proto__="a",constructor="b"} 1\n__proto__ 2\n');
  assert.deepEqual(Object.entries(families.get('x')?.samples[0]?.labels ?? {}), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
  assert.equal(families.get('__proto__')?.samples[0]?.value, 2);
});

const NOT_EXPOSITIONS = [
  '<!DOCTYPE html>',
  '{"status":"ok"}',
  'x',
  'x{',
  'x{a',
  'x{a=',
  'x{a="b',
  'x{a="b"',
  'x{a="b"}',
  'x{a="b" c="d"} 1',
  'x{a=b} 1',
  'x one',
  'x 0x10',
  'x 1_000',
  'x 1 soon',
  'x 1 2 3',
  '1x 1',
  '{} 1',
  'x{"y"} 1',
  'x{,} 1',
  'x{a="b\\',
  '\0',
  'Not Found.',
  'x 1 #',
  'x 1 # a comment',
  'x 1 # {a="b"}',
  'x 1 # {a="b"} one',
  'x 1 # {a="b"} 1 soon',
  'x 1 # {a="b"} 1 2 3',
  'x 1 2 # {"a"} 1',
];

for (const line of NOT_EXPOSITIONS) {
  test(`${JSON.stringify(line)} is refused with its line`, () => {
    assert.throws(() => parseText(`up 1\n\n${line}\n`), {
      name: 'Error',
      message: /^line 3 is not in the Prometheus text format: expected /,
    });
  });
}

test('nothing is nothing', () => {
  assert.equal(parseText('').families.size, 0);
  assert.equal(parseText('\n \r\n\t\n').families.size, 0);
});

const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  'a label without end': (size) => `x{a="${'b'.repeat(size)}`,
  'backslashes without end': (size) => `x{a="${'\\'.repeat(size)}`,
  'a quoted name without end': (size) => `# HELP "${'\\a'.repeat(size)}`,
  blanks: (size) => `x${' \t'.repeat(size)}y`,
  braces: (size) => `x${'{'.repeat(size)}`,
  digits: (size) => `x ${'1'.repeat(size)}e`,
  commas: (size) => `x{${'a="",'.repeat(size)}`,
  hashes: (size) => `${'#'.repeat(size)} HELP`,
  lines: (size) => '\n'.repeat(size),
  suffixes: (size) => `${'_count'.repeat(size)} 1`,
};

for (const [what, make] of Object.entries(HOSTILE)) {
  test(`${what}: a million of them take linear time and no stack`, () => {
    const started = process.cpuUsage();
    try {
      parseText(make(1_000_000));
    } catch (error) {
      assert.match(String(error), /^Error: line 1 is not in the Prometheus text format/);
    }
    // Quadratic time would be minutes.
    const { user, system } = process.cpuUsage(started);
    assert.ok(user + system < 5e6, `${user + system} µs`);
  });
}

test('random text of any kind parses or is refused, and never anything else', () => {
  const random = createRandom(11);
  for (let round = 0; round < 3000; round++) {
    try {
      parseText(random.text(60));
    } catch (error) {
      assert.match(String(error), /^Error: line \d+ is not in the Prometheus text format/);
    }
  }
});

test('what is serialised is parsed again: any Unicode in keys, labels and help, any number as value', () => {
  const random = createRandom(20_26);
  const VALUES = [Number.NaN, Infinity, -Infinity, -0, 0, 1, -1.5, 1e-300, 1.7976931348623157e308, 5e-324, 0.1];
  for (let round = 0; round < 400; round++) {
    // Distinct keys after sanitising, so that the expected labels are known without a second serialiser.
    const attributes: Record<string, string> = {};
    for (let index = random.below(4); index > 0; index--)
      attributes[`k${index}.${random.text(5)}end`] = random.text(12);
    const labels = new Map(
      Object.entries(attributes)
        .filter(([, value]) => value !== '')
        .map(([key, value]) => [key, wellFormed(value)]),
    );
    const histogram = random.next() < 0.4;
    const values = histogram ? [random.below(100), random.below(100), random.pick(VALUES)] : [random.pick(VALUES)];
    const fixture: FamilyFixture = {
      name: `m${random.text(6)}`,
      description: `d${random.text(20)}`,
      ...(histogram ? { kind: 'histogram' as const, bounds: [0.5] } : { kind: 'gauge' as const }),
      series: [[attributes, ...values]],
    };
    const text = expose([tableOf(fixture)]);
    const [family, ...others] = [...parseText(text).families.values()];
    assert.equal(others.length, 0, text);
    if (!histogram && Number.isNaN(values[0])) {
      assert.equal(text, '');
      continue;
    }
    assert.equal(family?.help, wellFormed(fixture.description ?? ''));
    assert.equal(family?.type, fixture.kind);
    const expected = histogram
      ? [values[0], (values[0] ?? 0) + (values[1] ?? 0), values[2], (values[0] ?? 0) + (values[1] ?? 0)]
      : values;
    assert.deepEqual(
      family?.samples.map(({ value }) => value),
      expected,
      text,
    );
    for (const sample of family?.samples ?? []) {
      const { le: _le, ...rest } = sample.labels;
      assert.deepEqual(Object.values(rest).sort(), [...labels.values()].sort(), text);
      for (const label of Object.keys(rest)) assert.match(label, /^k\d_[a-zA-Z0-9_]*end$/);
    }
  }
});

test('escaped help has no line break', () => {
  const random = createRandom(5);
  for (let round = 0; round < 500; round++) assert.doesNotMatch(escapeText(random.text(30)), /\n/);
});

// What scrapers and people ask for, and what they get.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentTypeOf } from '../../src/prometheus/format.js';
import { acceptsGzip, negotiateFormat } from '../../src/prometheus/negotiation.js';
import { createRandom } from '../support/random.js';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const TEXT_1 = 'text/plain; version=1.0.0; charset=utf-8; escaping=';
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=';
const OPEN_METRICS_0 = 'application/openmetrics-text; version=0.0.1; charset=utf-8';

const ACCEPTS: readonly (readonly [who: string, accept: string | undefined, type: string])[] = [
  [
    'Prometheus 2.42',
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    `${OPEN_METRICS}underscores`,
  ],
  [
    'Prometheus 3',
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    `${OPEN_METRICS}allow-utf-8`,
  ],
  [
    'Prometheus 3, protobuf first',
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    `${OPEN_METRICS}allow-utf-8`,
  ],
  ['Prometheus 1', 'text/plain;version=0.0.4;q=0.3,*/*;q=0.1', TEXT],
  ['the example of a page with a broken catch-all', 'text/plain;version=0.0.4;q=0.2,/;q=0.1', TEXT],
  ['curl', '*/*', TEXT],
  ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', TEXT],
  ['nobody', undefined, TEXT],
  ['an empty header', '', TEXT],
  ['axios', 'application/json, text/plain, */*', TEXT],
  ['any text', 'text/*', TEXT],
  ['text without a version', 'text/plain', TEXT],
  ['text in UTF-8', 'text/plain; charset=utf-8', TEXT],
  ['the new text', 'text/plain;version=1.0.0', `${TEXT_1}underscores`],
  ['the new text with dots', 'text/plain;version=1.0.0;escaping=dots', `${TEXT_1}dots`],
  [
    'the old text that takes any name',
    'text/plain;version=0.0.4;escaping=allow-utf-8',
    `${TEXT}; escaping=allow-utf-8`,
  ],
  ['OpenMetrics without a version', 'application/openmetrics-text', `${OPEN_METRICS}underscores`],
  ['old OpenMetrics', 'application/openmetrics-text; version=0.0.1', OPEN_METRICS_0],
  ['OpenMetrics of the future', 'application/openmetrics-text;version=2.0.0', TEXT],
  ['values', 'application/openmetrics-text;version=1.0.0;escaping=values', `${OPEN_METRICS}values`],
  ['an escaping that there is not', 'text/plain;version=1.0.0;escaping=\r\nSet-Cookie', `${TEXT_1}underscores`],
  ['an escaping that objects bring along', 'text/plain;version=1.0.0;escaping=constructor', `${TEXT_1}underscores`],
  [
    'parameters in another order',
    'application/openmetrics-text;q=0.9;escaping=dots;version=1.0.0',
    `${OPEN_METRICS}dots`,
  ],
  [
    'another case, and blanks',
    'Application/OpenMetrics-Text ; Version=1.0.0 ; Q=1.0 , text/plain',
    `${OPEN_METRICS}underscores`,
  ],
  ['a version in quotes', 'application/openmetrics-text;version="1.0.0"', `${OPEN_METRICS}underscores`],
  [
    'a comma in quotes',
    'x/y;a="b,c;d\\",text/plain";q=1,application/openmetrics-text;q=0.1',
    `${OPEN_METRICS}underscores`,
  ],
  [
    'what it says later, but rather',
    'text/plain;q=0.1,application/openmetrics-text;version=0.0.1;q=0.2',
    OPEN_METRICS_0,
  ],
  [
    'equal qualities',
    'text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0',
    `${OPEN_METRICS}underscores`,
  ],
  ['anything, but rather this by name', '*/*, application/openmetrics-text;version=0.0.1', OPEN_METRICS_0],
  ['never OpenMetrics', 'application/openmetrics-text;q=0,*/*', TEXT],
  ['anything rather than OpenMetrics', 'application/openmetrics-text;q=0.1,*/*;q=0.9', TEXT],
  ['never text, which is better than nothing', 'text/plain;q=0', TEXT],
  ['only what there is not', 'application/vnd.google.protobuf', TEXT],
  ['a bad quality', 'application/openmetrics-text;q=high,text/plain;q=0.001', TEXT],
  ['a negative quality', 'application/openmetrics-text;q=-1', TEXT],
  ['garbage', ';;;,=,"\\', TEXT],
  ['an endless quote', 'application/openmetrics-text;version="1.0.0', TEXT],
];

for (const [who, accept, type] of ACCEPTS) {
  test(`${who}: ${accept?.slice(0, 60) ?? 'no header'} is answered with ${type}`, () => {
    assert.equal(contentTypeOf(negotiateFormat(accept)), type);
  });
}

const ENCODINGS: readonly (readonly [header: string | undefined, expected: boolean])[] = [
  [undefined, false],
  ['', false],
  ['gzip', true],
  ['GZIP;q=0.5', true],
  ['x-gzip', true],
  ['deflate, gzip;q=1.0, *;q=0.5', true],
  ['gzip, deflate, br, zstd', true],
  ['identity', false],
  ['identity;q=0.5, gzip;q=0.5', true],
  ['identity, gzip;q=0.5', false],
  ['gzip;q=0', false],
  ['gzip;q=0.000', false],
  ['br', false],
  ['*', false],
];

for (const [header, expected] of ENCODINGS) {
  test(`Accept-Encoding ${JSON.stringify(header)} ${expected ? 'asks' : 'does not ask'} for gzip`, () => {
    assert.equal(acceptsGzip(header), expected);
  });
}

test('headers of any content and size are read in bounded time', () => {
  const random = createRandom(7);
  for (let round = 0; round < 2000; round++) contentTypeOf(negotiateFormat(random.text(80)));
  const started = process.cpuUsage();
  for (const part of [',', ';', '"', '\\"', 'a/b;q="', '*/*,', 'text/plain;version=', '='])
    negotiateFormat(part.repeat(200_000));
  const { user, system } = process.cpuUsage(started);
  assert.ok(user + system < 1e6, `${user + system} µs`);
});

test('only words of ours get into a content type', () => {
  const random = createRandom(8);
  for (let round = 0; round < 2000; round++) {
    const escaping = random.pick(['dots', 'values', random.text(12)]);
    const type = contentTypeOf(negotiateFormat(`text/plain;version=1.0.0;escaping=${escaping}`));
    assert.match(
      type,
      /^text\/plain; version=[01]\.0\.[04]; charset=utf-8(; escaping=(underscores|dots|values|allow-utf-8))?$/,
    );
  }
});

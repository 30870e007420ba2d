// Every option of the exporter with values of the wrong kind, what the environment says, and what the stock exporter has.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PrometheusExporter as StockExporter } from '@opentelemetry/exporter-prometheus';
import {
  EXPORTER_DEFAULTS,
  type ExporterOptions,
  type ResolvedExporterOptions,
  resolveExporterOptions,
} from '../../src/exporter/exporter-options.js';
import { PrometheusExporter } from '../../src/exporter.js';

type Options = ExporterOptions<object>;
type Resolved = Partial<ResolvedExporterOptions<object>>;

const WRONG: Readonly<Record<string, unknown>> = {
  'a text': 'nonsense',
  'an empty text': '',
  'a number': 100,
  'a broken number': 0.5,
  NaN: Number.NaN,
  true: true,
  null: null,
  'an array': ['x'],
  'an object': { x: 1 },
  'a function': () => {},
  'a regular expression': /x/,
};

/** What of the above each option takes; everything else is refused. */
const TAKEN: Readonly<Record<keyof Options, readonly string[]>> = {
  host: ['a text'],
  port: ['a number'],
  endpoint: ['a text'],
  prefix: ['a text', 'an empty text'],
  appendTimestamp: ['true'],
  preventServerStart: ['true'],
  metricProducers: [],
  withResourceConstantLabels: ['a regular expression'],
  withoutScopeInfo: ['true'],
  withoutTargetInfo: ['true'],
  withoutUnits: ['true'],
  withoutCreated: ['true'],
  translationStrategy: [],
  observer: ['true'],
  log: ['true'],
  seriesLimit: ['a number'],
  seriesLimits: ['an object', 'a regular expression'],
  token: ['a text'],
  tokenFile: ['a text'],
  username: ['a text'],
  password: ['a text'],
  passwordFile: ['a text'],
  tlsCertFile: ['a text'],
  tlsKeyFile: ['a text'],
  tlsClientCaFile: ['a text'],
  webConfigFile: ['a text'],
};

test('what the stock exporter takes and has, ours takes and has', async () => {
  // Checked by the compiler: a change of the import is all that its users need.
  const given: ConstructorParameters<typeof StockExporter> = [{ preventServerStart: true }, (_error) => {}];
  const ours: Pick<
    StockExporter,
    'startServer' | 'stopServer' | 'getMetricsRequestHandler' | 'onForceFlush' | 'onShutdown'
  > = new PrometheusExporter(...given);
  await ours.stopServer();
  for (const [name, value] of Object.entries(StockExporter.DEFAULT_OPTIONS)) {
    // Theirs listens on every address, and that of the next line on localhost.
    if (name !== 'host') assert.deepEqual(PrometheusExporter.DEFAULT_OPTIONS[name as 'port'], value, name);
  }
});

test('every option has a row in the table, and those of the stock exporter are among them', () => {
  assert.deepEqual(Object.keys(TAKEN).sort(), Object.keys(EXPORTER_DEFAULTS).sort());
  for (const name of Object.keys(StockExporter.DEFAULT_OPTIONS)) assert.ok(name in TAKEN, name);
});

for (const [name, taken] of Object.entries(TAKEN)) {
  describe(name, () => {
    for (const [title, value] of Object.entries(WRONG)) {
      const resolve = () => resolveExporterOptions({ [name]: value } as Options, {});
      if (taken.includes(title)) test(`takes ${title}`, () => void resolve());
      else {
        test(`refuses ${title}`, () => {
          assert.throws(
            resolve,
            (error) => error instanceof TypeError && error.message.startsWith(`Expected \`${name}`),
          );
        });
      }
    }

    test('undefined is the same as not given', () => {
      assert.deepEqual(resolveExporterOptions({ [name]: undefined } as Options, {}), resolveExporterOptions({}, {}));
    });
  });
}

describe('options that are refused', () => {
  for (const [title, given, quoted] of [
    ['an unknown key', { prot: 1 }, 'prot'],
    ['a port from below', { port: -1 }, '`-1`'],
    ['a port from above', { port: 65_536 }, '`65536`'],
    ['a path with a query', { endpoint: '/metrics?x' }, '/metrics?x'],
    ['an unknown strategy', { translationStrategy: 'none' }, 'NoTranslation'],
    ['a limit of no series', { seriesLimits: { 'a.b': 0 } }, 'seriesLimits["a.b"]'],
    ['a producer that does not collect', { metricProducers: [{}] }, 'metricProducers'],
    ['no object', 5, 'config'],
    ['null', null, 'config'],
  ] as const) {
    test(title, () => {
      assert.throws(
        () => resolveExporterOptions(given as unknown as Options, {}),
        (error) => error instanceof TypeError && error.message.includes(quoted) && !error.message.includes('\n'),
      );
    });
  }

  for (const [variable, text] of [
    ['OTEL_EXPORTER_PROMETHEUS_PORT', '94 64'],
    ['LOOPSIGHT_OBSERVER', 'maybe'],
    ['LOOPSIGHT_LOG', '1'],
    ['LOOPSIGHT_SERIES_LIMIT', '0'],
    ['LOOPSIGHT_SERIES_LIMITS', 'a=x'],
  ] as const) {
    test(`${variable}=${text}`, () => {
      assert.throws(
        () => resolveExporterOptions({}, { [variable]: text }),
        (error) => error instanceof TypeError && error.message.includes(variable),
      );
    });
  }
});

describe('an accepted value means what the docs say', () => {
  const producer = { collect: async () => ({}) };
  const cases: readonly (readonly [string, Options, Record<string, string>, Resolved])[] = [
    ['an option wins over its variable', { port: 1 }, { OTEL_EXPORTER_PROMETHEUS_PORT: '2' }, { port: 1 }],
    ['a variable wins over the default', {}, { OTEL_EXPORTER_PROMETHEUS_PORT: ' 2 ' }, { port: 2 }],
    [
      'an empty variable is none',
      {},
      { OTEL_EXPORTER_PROMETHEUS_HOST: '' },
      { host: '127.0.0.1', hostIsDefault: true },
    ],
    ['a host', {}, { OTEL_EXPORTER_PROMETHEUS_HOST: '::1' }, { host: '::1', hostIsDefault: false }],
    ['a path gets its slash', { endpoint: 'a/b' }, {}, { endpoint: '/a/b' }],
    [
      'limits',
      {},
      { LOOPSIGHT_SERIES_LIMIT: '5', LOOPSIGHT_SERIES_LIMITS: 'a.b=7' },
      { seriesLimit: 5, seriesLimits: { 'a.b': 7 } },
    ],
    ['the observer', {}, { LOOPSIGHT_OBSERVER: 'off' }, { observer: false }],
    ['the log', {}, { LOOPSIGHT_LOG: 'off' }, { log: false }],
    ['producers', { metricProducers: [producer] }, {}, { metricProducers: [producer] }],
    ['port 0', { port: 0 }, { OTEL_EXPORTER_PROMETHEUS_PORT: '2' }, { port: 0 }],
  ];
  for (const [title, given, environment, expected] of cases) {
    test(title, () => {
      const resolved: Resolved = resolveExporterOptions(given, environment);
      for (const [key, value] of Object.entries(expected))
        assert.deepEqual(resolved[key as keyof Resolved], value, key);
    });
  }
});

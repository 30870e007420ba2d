// Every option and every variable with values of the wrong kind: taken with their documented meaning, or refused by name and value.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  INSTRUMENTATION_NAMES,
  type LoopsightOptions,
  OPTIONS,
  type OptionDefinition,
  type ResolvedOptions,
  resolveOptions,
  switchVariable,
} from '../src/options.js';

const definitions: readonly OptionDefinition[] = Object.values(OPTIONS);
const options = definitions.flatMap(({ option }) => (option === undefined ? [] : [option]));
// The variable of an option may be the switch of an instrumentation as well.
const variables = [
  ...new Set([
    ...definitions.flatMap(({ variable }) => (variable === undefined ? [] : [variable])),
    ...INSTRUMENTATION_NAMES.map(switchVariable),
  ]),
];

const WRONG: Readonly<Record<string, { readonly value: unknown; readonly quoted: string }>> = {
  'a text': { value: 'nonsense', quoted: '"nonsense"' },
  'an empty text': { value: '', quoted: '""' },
  'a blank text': { value: '  ', quoted: '"  "' },
  'a number': { value: 100, quoted: '`100`' },
  'a negative number': { value: -1, quoted: '`-1`' },
  'a broken number': { value: 0.5, quoted: '`0.5`' },
  NaN: { value: Number.NaN, quoted: '`NaN`' },
  Infinity: { value: Number.POSITIVE_INFINITY, quoted: '`Infinity`' },
  true: { value: true, quoted: '`true`' },
  null: { value: null, quoted: '`null`' },
  'a bigint': { value: 80n, quoted: '`80`' },
  'a symbol': { value: Symbol('s'), quoted: '`Symbol(s)`' },
  'a function': { value: () => {}, quoted: 'a function' },
  'an array': { value: ['x'], quoted: 'an array' },
  'an object': { value: { x: 1 }, quoted: '' },
};

/** What of the above each option takes; everything else is refused. */
const TAKEN: Readonly<Record<(typeof options)[number], readonly string[]>> = {
  host: ['a text'],
  port: ['a number'],
  endpoint: ['true'],
  observer: ['true'],
  token: ['a text'],
  tokenFile: ['a text'],
  username: ['a text'],
  password: ['a text'],
  passwordFile: ['a text'],
  tlsCertFile: ['a text'],
  tlsKeyFile: ['a text'],
  tlsClientCaFile: ['a text'],
  webConfigFile: ['a text'],
  log: ['true'],
  lagProbeIntervalMs: ['a number'],
  stallThresholdMs: ['a number'],
  blame: ['true'],
  blockingCalls: [],
  blockingCallsAllow: ['an array'],
  lockHoldThresholdMs: ['a number'],
  lockOrder: ['true'],
  onStall: ['a function'],
  promClient: ['true'],
  unhealthyAfterMs: ['a number', 'a broken number'],
  stallFile: ['a text'],
  dumpAfterMs: ['a number', 'a broken number'],
  socket: ['true'],
  page: ['true'],
  profile: ['true'],
  profileEndpoint: ['true'],
  profileIntervalMs: ['a number'],
  profileRoutes: ['true'],
  traces: ['true'],
  trace: ['an array'],
  functionTime: [],
  group: ['a text'],
  serviceName: ['a text'],
  serviceVersion: ['a text'],
  resourceAttributes: [],
  seriesLimit: ['a number'],
  seriesLimits: ['an object'],
  instrumentations: [],
};

/** No error quotes them. */
const SECRETS: readonly string[] = ['token', 'password'];

describe('an option', () => {
  test('has a row in this table', () => {
    assert.deepEqual(Object.keys(TAKEN).sort(), [...options].sort());
  });

  for (const option of options) {
    for (const [title, { value, quoted }] of Object.entries(WRONG)) {
      const given = { [option]: value } as LoopsightOptions;
      if (TAKEN[option].includes(title)) {
        test(`${option}: takes ${title}`, () => {
          assert.deepEqual(resolveOptions(given, {})?.[option], value);
        });
      } else {
        test(`${option}: refuses ${title}`, () => {
          assert.throws(
            () => resolveOptions(given, {}),
            (error) => isRefusal(error, option, SECRETS.includes(option) ? 'not shown' : quoted),
          );
        });
      }
    }

    test(`${option}: undefined is the same as not given`, () => {
      assert.deepEqual(resolveOptions({ [option]: undefined } as LoopsightOptions, {}), resolveOptions({}, {}));
    });
  }

  for (const [title, given, quoted] of [
    ['a number from below', { port: -1 }, 'from 0 to 65535'],
    ['a number from above', { port: 65_536 }, '`65536`'],
    ['an interval from below', { lagProbeIntervalMs: 9.9 }, 'from 10 to 60000'],
    ['an interval from above', { lagProbeIntervalMs: 60_001 }, '`60001`'],
    ['an unknown key', { prot: 1 }, 'prot'],
    ['an unknown instrumentation', { instrumentations: { htpp: true } }, '"htpp"'],
    ['a switch that is no boolean', { instrumentations: { http: 'off' } }, '"off"'],
    ['an attribute that is no text', { resourceAttributes: { team: 7 } }, '`7`'],
    ['a limit of no series', { seriesLimits: { 'a.b': 0 } }, 'seriesLimits["a.b"]'],
    ['an attribute without a name', { resourceAttributes: { '': 'x' } }, '""'],
  ] as const) {
    test(`refuses ${title}`, () => {
      assert.throws(
        () => resolveOptions(given as LoopsightOptions, {}),
        (error) => isRefusal(error, quoted, ''),
      );
    });
  }

  for (const given of [null, 5, 'x', [], true]) {
    test(`refuses ${JSON.stringify(given)} in place of the options`, () => {
      assert.throws(() => resolveOptions(given as unknown as LoopsightOptions, {}), TypeError);
    });
  }
});

function isRefusal(error: unknown, name: string, quoted: string): boolean {
  assert.ok(error instanceof TypeError, `${error}`);
  assert.ok(error.message.includes(name), `"${error.message}" does not name ${name}`);
  assert.ok(error.message.includes(quoted), `"${error.message}" does not quote ${quoted}`);
  assert.match(error.message, /^Expected .*, got .+$/);
  return true;
}

type Expectation = 'refused' | 'taken';

const TEXTS = ['nonsense', '-1', 'NaN', '0.5', '0x10', '1e3', 'true', 'ON', ' off '] as const;
const refusedBut = (...taken: readonly string[]) =>
  Object.fromEntries(TEXTS.map((text): [string, Expectation] => [text, taken.includes(text) ? 'taken' : 'refused']));

/** What each variable does with texts; names, hosts and lists may be anything. */
const KINDS: readonly {
  readonly variables: readonly string[];
  readonly texts: Readonly<Record<string, Expectation>>;
}[] = [
  { variables: ['OTEL_SDK_DISABLED'], texts: refusedBut('true') },
  { variables: ['OTEL_EXPORTER_PROMETHEUS_PORT'], texts: refusedBut('1e3') },
  {
    variables: [
      'LOOPSIGHT_LAG_PROBE_INTERVAL_MS',
      'LOOPSIGHT_STALL_THRESHOLD_MS',
      'LOOPSIGHT_LOCK_HOLD_THRESHOLD_MS',
      'LOOPSIGHT_PROFILE_INTERVAL_MS',
    ],
    texts: refusedBut('1e3'),
  },
  {
    variables: ['LOOPSIGHT_UNHEALTHY_AFTER_MS', 'LOOPSIGHT_DUMP_AFTER_MS'],
    texts: refusedBut('0.5', '1e3'),
  },
  {
    variables: ['LOOPSIGHT_FUNCTION_TIME'],
    texts: { ...refusedBut('ON', ' off '), off: 'taken', on: 'taken', 'on-demand': 'taken' },
  },
  {
    variables: ['OTEL_METRICS_EXEMPLAR_FILTER'],
    texts: { ...refusedBut(), always_off: 'taken', always_on: 'taken', trace_based: 'taken' },
  },
  { variables: ['LOOPSIGHT_SERIES_LIMIT'], texts: { ...refusedBut('1e3'), '0': 'refused', '1000001': 'refused' } },
  {
    variables: ['LOOPSIGHT_SERIES_LIMITS'],
    texts: { ...refusedBut(), 'http.server.request.duration=500, a=1,': 'taken' },
  },
  {
    // Whoever writes a switch does not mean a group of that name.
    variables: ['LOOPSIGHT_GROUP'],
    texts: { ...refusedBut('nonsense', '-1', 'NaN', '0.5', '0x10', '1e3', ' off '), auto: 'refused' },
  },
  {
    variables: ['OTEL_RESOURCE_ATTRIBUTES'],
    texts: { ...refusedBut(), 'a=b,c=%20d,': 'taken', 'a=%E0%A4%A': 'refused' },
  },
  {
    variables: [
      'LOOPSIGHT_OBSERVER',
      'LOOPSIGHT_LOG',
      'LOOPSIGHT_BLAME',
      'LOOPSIGHT_LOCK_ORDER',
      'LOOPSIGHT_PAGE',
      'LOOPSIGHT_PROM_CLIENT',
      'LOOPSIGHT_SOCKET',
      'LOOPSIGHT_PROFILE',
      'LOOPSIGHT_PROFILE_ROUTES',
      'LOOPSIGHT_PROFILE_ENDPOINT',
      'LOOPSIGHT_TRACES',
      ...INSTRUMENTATION_NAMES.map(switchVariable),
    ],
    texts: refusedBut('ON', ' off '),
  },
  {
    variables: [
      'OTEL_EXPORTER_PROMETHEUS_HOST',
      'LOOPSIGHT_CONFIG_FILE',
      'LOOPSIGHT_STALL_FILE',
      'LOOPSIGHT_TOKEN',
      'LOOPSIGHT_TOKEN_FILE',
      'LOOPSIGHT_USERNAME',
      'LOOPSIGHT_PASSWORD',
      'LOOPSIGHT_PASSWORD_FILE',
      'LOOPSIGHT_TLS_CERT_FILE',
      'LOOPSIGHT_TLS_KEY_FILE',
      'LOOPSIGHT_TLS_CLIENT_CA_FILE',
      'LOOPSIGHT_WEB_CONFIG_FILE',
      'OTEL_METRICS_EXPORTER',
      'LOOPSIGHT_BLOCKING_CALLS_ALLOW',
      'LOOPSIGHT_TRACE',
      'OTEL_SERVICE_NAME',
      'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
      'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
    ],
    texts: refusedBut(...TEXTS),
  },
];

describe('a variable', () => {
  test('has a row in this table', () => {
    assert.deepEqual(KINDS.flatMap((kind) => kind.variables).sort(), [...variables].sort());
  });

  for (const { variables: names, texts } of KINDS) {
    for (const name of names) {
      for (const [text, expectation] of Object.entries(texts)) {
        test(`${name}=${text} is ${expectation}`, () => {
          if (expectation === 'taken') resolveOptions({}, { [name]: text });
          else {
            assert.throws(
              () => resolveOptions({}, { [name]: text }),
              (error) => isRefusal(error, name, `"${text}"`),
            );
          }
        });
      }
      for (const text of ['', '   ']) {
        test(`${name} set to "${text}" is the same as not set`, () => {
          assert.deepEqual(resolveOptions({}, { [name]: text }), resolveOptions({}, {}));
        });
      }
    }
  }
});

describe('an accepted value means what the docs say', () => {
  const off = (...names: readonly string[]) =>
    Object.fromEntries(INSTRUMENTATION_NAMES.map((name) => [name, !names.includes(name)]));
  const cases: readonly [
    title: string,
    given: LoopsightOptions,
    environment: Readonly<Record<string, string>>,
    expected: Partial<ResolvedOptions>,
  ][] = [
    ['an option wins over its variable', { port: 1 }, { OTEL_EXPORTER_PROMETHEUS_PORT: '2' }, { port: 1 }],
    ['a variable wins over the default', {}, { OTEL_EXPORTER_PROMETHEUS_PORT: ' 0 ' }, { port: 0 }],
    [
      'a host is not the default any more',
      {},
      { OTEL_EXPORTER_PROMETHEUS_HOST: '::' },
      { host: '::', hostIsDefault: false },
    ],
    [
      'calls throw',
      {},
      { LOOPSIGHT_BLOCKING_CALLS: 'throw' },
      { blockingCalls: 'throw', instrumentations: off() as never },
    ],
    [
      'calls are counted',
      {},
      { LOOPSIGHT_BLOCKING_CALLS: 'on' },
      { blockingCalls: 'count', instrumentations: off() as never },
    ],
    [
      'calls are left alone',
      { blockingCalls: 'off' },
      { LOOPSIGHT_BLOCKING_CALLS: 'throw' },
      { blockingCalls: 'off', instrumentations: off('blocking-calls') as never },
    ],
    [
      'what may block',
      {},
      { LOOPSIGHT_BLOCKING_CALLS_ALLOW: 'fs.*, loadConfig()' },
      { blockingCallsAllow: ['fs.*', 'loadConfig()'] },
    ],
    ['no exporter, no endpoint', {}, { OTEL_METRICS_EXPORTER: 'otlp, none' }, { endpoint: false }],
    ['another exporter changes nothing', {}, { OTEL_METRICS_EXPORTER: 'otlp' }, { endpoint: true }],
    ['exemplars are on', {}, { OTEL_METRICS_EXEMPLAR_FILTER: 'always_on' }, { exemplars: true }],
    ['exemplars are off', {}, { OTEL_METRICS_EXEMPLAR_FILTER: 'always_off' }, { exemplars: false }],
    ['off is off', {}, { LOOPSIGHT_LOG: ' OFF ', LOOPSIGHT_OBSERVER: 'off' }, { log: false, observer: false }],
    [
      'a name of the service wins over the attribute',
      {},
      { OTEL_SERVICE_NAME: 'a', OTEL_RESOURCE_ATTRIBUTES: 'service.name=b,service.version=2%2C1' },
      { serviceName: 'a', serviceVersion: '2,1' },
    ],
    [
      'attributes are joined key by key',
      { resourceAttributes: { a: '1' } },
      { OTEL_RESOURCE_ATTRIBUTES: 'a=0,b=2' },
      { resourceAttributes: { a: '1', b: '2' } },
    ],
    [
      'a disabled instrumentation is off',
      {},
      { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http, fs' },
      { instrumentations: off('http') as never },
    ],
    [
      'our own switch wins',
      {},
      { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http', LOOPSIGHT_HTTP: 'on' },
      { instrumentations: off() as never },
    ],
    [
      'an option wins over the switch',
      { instrumentations: { http: false } },
      { LOOPSIGHT_HTTP: 'on' },
      { instrumentations: off('http') as never },
    ],
    [
      'a list without ours speaks of others',
      {},
      { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg' },
      { instrumentations: off() as never },
    ],
    [
      'a list with one of ours leaves only that',
      {},
      { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg,http' },
      { instrumentations: off(...INSTRUMENTATION_NAMES.filter((name) => name !== 'http')) as never },
    ],
  ];
  for (const [title, given, environment, expected] of cases) {
    test(title, () => {
      const resolved: Partial<ResolvedOptions> = resolveOptions(given, environment) ?? {};
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(resolved[key as keyof ResolvedOptions], value, key);
      }
    });
  }

  test('OTEL_SDK_DISABLED=true is nothing at all, but bad options are still refused', () => {
    assert.equal(resolveOptions({}, { OTEL_SDK_DISABLED: 'True' }), undefined);
    assert.throws(() => resolveOptions({ port: -1 }, { OTEL_SDK_DISABLED: 'true' }), TypeError);
  });
});

test('a pattern of nothing but spaces is refused at the start, where calls would otherwise not throw', () => {
  assert.throws(() => resolveOptions({ blockingCallsAllow: [' '] }, {}), /^TypeError: Expected `blockingCallsAllow`/);
});

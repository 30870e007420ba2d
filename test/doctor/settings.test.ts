import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeSettings, type SettingsSource } from '../../src/doctor/settings.js';

const byDefault = (value: string) => ({ value, source: 'default' });
const byCode = (value: string, from: string) => ({ value, source: 'code', from });
const byVariable = (value: string, from: string) => ({ value, source: 'variable', from });
const byFile = (value: string) => ({ value, source: 'file', from: 'loopsight.config.json' });
const inFile = (options: NonNullable<SettingsSource['file']>['options']) => ({
  file: { path: '/app/loopsight.config.json', options },
});
const byPackage = (value: string) => ({ value, source: 'package', from: "the application's files" });

const THRESHOLD = { LOOPSIGHT_STALL_THRESHOLD_MS: '200' };
const OTHERS = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'express' };
const ONLY_QUEUES = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'queues' };
const NO_HTTP = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'net, http' };
const NAMED = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop' };
const NOT_A_SWITCH = 'Expected `LOOPSIGHT_BLAME` to be one of "on", "off", got "maybe" (string)';
const TOO_LATE = 'the program changed LOOPSIGHT_BLAME after the start, which has no effect';

type Environment = SettingsSource['environment'];
type Case = readonly [
  title: string,
  name: string,
  environment: Environment,
  expected: object,
  beside?: Omit<SettingsSource, 'environment'>,
];

const CASES: readonly Case[] = [
  ['nothing given', 'stallThresholdMs', {}, byDefault('100')],
  ['a variable', 'stallThresholdMs', THRESHOLD, byVariable('200', 'LOOPSIGHT_STALL_THRESHOLD_MS')],
  [
    'code before a variable',
    'stallThresholdMs',
    THRESHOLD,
    byCode('300', 'stallThresholdMs'),
    { options: { stallThresholdMs: 300 } },
  ],
  ['an empty variable', 'blame', { LOOPSIGHT_BLAME: ' ' }, byDefault('on')],
  [
    'a bad variable',
    'blame',
    { LOOPSIGHT_BLAME: 'maybe' },
    { ...byVariable('maybe', 'LOOPSIGHT_BLAME'), problem: NOT_A_SWITCH },
  ],
  [
    'a variable that came too late',
    'blame',
    {},
    { ...byDefault('on'), problem: TOO_LATE },
    { environmentNow: { LOOPSIGHT_BLAME: 'off' } },
  ],
  [
    'an endpoint that another variable turns off',
    'endpoint',
    { OTEL_METRICS_EXPORTER: 'otlp,none' },
    byVariable('false', 'OTEL_METRICS_EXPORTER'),
  ],
  [
    'a name in the attributes, before that of the files',
    'serviceName',
    NAMED,
    byVariable('shop', 'OTEL_RESOURCE_ATTRIBUTES'),
    { detected: { name: 'other' } },
  ],
  ['a name in the files', 'serviceName', {}, byPackage('shop'), { detected: { name: 'shop' } }],
  ['no name', 'serviceName', {}, byDefault('unknown_service:node')],
  ['a switch of its own first', 'http', { LOOPSIGHT_HTTP: 'on', ...NO_HTTP }, byVariable('on', 'LOOPSIGHT_HTTP')],
  ['a list of what is disabled', 'http', NO_HTTP, byVariable('off', 'OTEL_NODE_DISABLED_INSTRUMENTATIONS')],
  ['a list of what is enabled', 'http', ONLY_QUEUES, byVariable('off', 'OTEL_NODE_ENABLED_INSTRUMENTATIONS')],
  ['a list that names none of ours', 'http', OTHERS, byDefault('on')],
  ['a file', 'stallThresholdMs', {}, byFile('250'), inFile({ stallThresholdMs: 250 })],
  [
    'a variable before a file',
    'stallThresholdMs',
    THRESHOLD,
    byVariable('200', 'LOOPSIGHT_STALL_THRESHOLD_MS'),
    inFile({ stallThresholdMs: 250 }),
  ],
  ['a switch in a file', 'http', OTHERS, byFile('off'), inFile({ instrumentations: { http: false } })],
  [
    'a list of what is disabled before a file',
    'http',
    NO_HTTP,
    byVariable('off', 'OTEL_NODE_DISABLED_INSTRUMENTATIONS'),
    inFile({ instrumentations: { http: true } }),
  ],
  [
    'a name in the attributes before that of a file',
    'serviceName',
    NAMED,
    byVariable('shop', 'OTEL_RESOURCE_ATTRIBUTES'),
    inFile({ serviceName: 'till' }),
  ],
  [
    'a name in the attributes of a file',
    'serviceName',
    {},
    byFile('till'),
    inFile({ resourceAttributes: { 'service.name': 'till' } }),
  ],
  ['an endpoint that a file turns off', 'endpoint', {}, byFile('false'), inFile({ endpoint: false })],
  ['the file itself', 'LOOPSIGHT_CONFIG_FILE', {}, byFile('/app/loopsight.config.json'), inFile({})],
  [
    'a file that cannot be used',
    'LOOPSIGHT_CONFIG_FILE',
    { LOOPSIGHT_CONFIG_FILE: 'gone.json' },
    { ...byVariable('gone.json', 'LOOPSIGHT_CONFIG_FILE'), problem: 'It is gone' },
    { file: { path: 'gone.json', options: {}, problem: 'It is gone' } },
  ],
  ['a function', 'onStall', {}, byCode('a function', 'onStall'), { options: { onStall: () => {} } }],
  [
    'the mode of blocking calls as their switch',
    'blocking-calls',
    { LOOPSIGHT_BLOCKING_CALLS: 'throw' },
    byCode('off', 'blockingCalls'),
    { options: { blockingCalls: 'off' } },
  ],
  ['their mode in a file', 'blocking-calls', {}, byFile('off'), inFile({ blockingCalls: 'off' })],
  [
    'their switch in a file before their mode there',
    'blocking-calls',
    {},
    byFile('on'),
    inFile({ blockingCalls: 'off', instrumentations: { 'blocking-calls': true } }),
  ],
];

describe('where settings come from', () => {
  for (const [title, name, environment, expected, beside] of CASES) {
    it(title, () => {
      const found = describeSettings({ environment, ...beside }).filter((setting) => setting.name === name);
      assert.deepEqual(found, [{ name, ...expected }]);
    });
  }
});

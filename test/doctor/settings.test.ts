import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeSettings, type SettingsSource } from '../../src/doctor/settings.js';

const CASES: readonly (readonly [title: string, name: string, source: SettingsSource, expected: object])[] = [
  ['nothing given', 'stallThresholdMs', { environment: {} }, { value: '100', source: 'default' }],
  [
    'a variable',
    'stallThresholdMs',
    { environment: { LOOPSIGHT_STALL_THRESHOLD_MS: '200' } },
    { value: '200', source: 'variable', from: 'LOOPSIGHT_STALL_THRESHOLD_MS' },
  ],
  [
    'code before a variable',
    'stallThresholdMs',
    { options: { stallThresholdMs: 300 }, environment: { LOOPSIGHT_STALL_THRESHOLD_MS: '200' } },
    { value: '300', source: 'code', from: 'stallThresholdMs' },
  ],
  ['an empty variable', 'blame', { environment: { LOOPSIGHT_BLAME: ' ' } }, { value: 'on', source: 'default' }],
  [
    'a bad variable',
    'blame',
    { environment: { LOOPSIGHT_BLAME: 'maybe' } },
    {
      value: 'maybe',
      source: 'variable',
      from: 'LOOPSIGHT_BLAME',
      problem: 'Expected `LOOPSIGHT_BLAME` to be one of "on", "off", got "maybe" (string)',
    },
  ],
  [
    'a variable that came too late',
    'blame',
    { environment: {}, environmentNow: { LOOPSIGHT_BLAME: 'off' } },
    {
      value: 'on',
      source: 'default',
      problem: 'the program changed LOOPSIGHT_BLAME after the start, which has no effect',
    },
  ],
  [
    'an endpoint that another variable turns off',
    'endpoint',
    { environment: { OTEL_METRICS_EXPORTER: 'otlp,none' } },
    { value: 'false', source: 'variable', from: 'OTEL_METRICS_EXPORTER' },
  ],
  [
    'a name in the attributes, before that of the files',
    'serviceName',
    { environment: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop' }, detected: { name: 'other' } },
    { value: 'shop', source: 'variable', from: 'OTEL_RESOURCE_ATTRIBUTES' },
  ],
  [
    'a name in the files',
    'serviceName',
    { environment: {}, detected: { name: 'shop' } },
    { value: 'shop', source: 'package', from: "the application's files" },
  ],
  ['no name', 'serviceName', { environment: {} }, { value: 'unknown_service:node', source: 'default' }],
  [
    'a switch by its own variable',
    'http',
    { environment: { LOOPSIGHT_HTTP: 'on', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' } },
    { value: 'on', source: 'variable', from: 'LOOPSIGHT_HTTP' },
  ],
  [
    'a switch by the list of what is disabled',
    'http',
    { environment: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'net, http' } },
    { value: 'off', source: 'variable', from: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS' },
  ],
  [
    'a switch that the list of what is enabled leaves out',
    'http',
    { environment: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'queues' } },
    { value: 'off', source: 'variable', from: 'OTEL_NODE_ENABLED_INSTRUMENTATIONS' },
  ],
  [
    'a list that names none of ours',
    'http',
    { environment: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'express' } },
    { value: 'on', source: 'default' },
  ],
  [
    'a function',
    'onStall',
    { options: { onStall: () => {} }, environment: {} },
    { value: 'a function', source: 'code', from: 'onStall' },
  ],
];

describe('where settings come from', () => {
  for (const [title, name, source, expected] of CASES) {
    it(title, () => {
      const found = describeSettings(source).filter((setting) => setting.name === name);
      assert.deepEqual(found, [{ name, ...expected }]);
    });
  }
});

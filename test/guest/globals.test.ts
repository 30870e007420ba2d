// loopsight/register takes no OpenTelemetry global, whoever comes first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerFiles, root, runWithoutStalls } from '../support/run-node.js';

// Run from the repository, whose @opentelemetry/api is the one that the built package finds.
const LOOK = `
const { context, diag, metrics, propagation, trace } = require('@opentelemetry/api');
const key = Symbol.for('opentelemetry.js.api.1');
const global = globalThis[key] ?? {};
const kind = (value) => value?.constructor?.name;
console.log(JSON.stringify({
  taken: Object.keys(global).filter((name) => name !== 'version'),
  tracerProvider: kind(trace.getTracerProvider().getDelegate()),
  meterProvider: kind(metrics.getMeterProvider()),
  context: kind(context._getContextManager()),
  propagator: kind(propagation._getGlobalPropagator()),
  fields: propagation.fields(),
  diag: diag.setLogger({ error() {}, warn() {}, info() {}, debug() {}, verbose() {} }),
  set: [
    trace.setGlobalTracerProvider(trace.getTracerProvider()),
    metrics.setGlobalMeterProvider(metrics.getMeterProvider()),
    context.setGlobalContextManager(context._getContextManager()),
    propagation.setGlobalPropagator(propagation._getGlobalPropagator()),
  ],
}));`;

for (const flag of ['import', 'require'] as const) {
  test(`--${flag}: every global is still to be had`, async () => {
    const alone = await runWithoutStalls(['-e', LOOK], { cwd: root });
    const beside = await runWithoutStalls([`--${flag}`, registerFiles[flag], '-e', LOOK], { cwd: root });
    assert.equal(alone.stderr, '');
    assert.deepEqual(JSON.parse(alone.stdout).set, [true, true, true, true]);
    assert.deepEqual(beside, alone);
  });

  test(`--${flag}: globals that the application registered stay`, async () => {
    const setup = `
const { context, metrics, propagation, trace } = require('@opentelemetry/api');
const mine = { getTracer: () => ({}), getMeter: () => ({}) };
trace.setGlobalTracerProvider(mine);
metrics.setGlobalMeterProvider(mine);
const manager = { active: () => ({}), with: (_c, f, t, ...a) => f.apply(t, a), bind: (_c, f) => f, enable() { return this }, disable() { return this } };
context.setGlobalContextManager(manager);
const propagator = { inject() {}, extract: (c) => c, fields: () => ['mine'] };
propagation.setGlobalPropagator(propagator);
const started = ${flag === 'import' ? 'import' : 'require'}(${JSON.stringify(registerFiles[flag])});
Promise.resolve(started).then(() => console.log(
  trace.getTracerProvider().getDelegate() === mine, metrics.getMeterProvider() === mine,
  context._getContextManager() === manager, propagation.fields()[0]));`;
    const run = await runWithoutStalls(['-e', setup], { cwd: root });
    assert.deepEqual(run, { code: 0, signal: null, stdout: 'true true true mine\n', stderr: '' });
  });
}

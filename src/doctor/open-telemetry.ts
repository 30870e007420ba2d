// What is registered with OpenTelemetry's API, as lines of the doctor.
import { apiGlobal } from '../api-global.js';
import type { Part } from './record.js';

const LOGS_API = Symbol.for('io.opentelemetry.js.api.logs');

interface LogsGlobal {
  readonly [LOGS_API]?: unknown;
}

const PROVIDERS = [
  { name: 'tracer provider', key: 'trace', without: 'spans go nowhere, and stalls cannot name the span they blocked' },
  { name: 'context manager', key: 'context', without: 'no span is active for what it calls' },
  { name: 'meter provider', key: 'metrics', without: 'not needed: the endpoint is fed directly' },
  { name: 'logger provider', key: 'logs', without: 'stalls are not told as log records of OpenTelemetry' },
] as const;

/** The API's version and which providers are there. */
export function describeOpenTelemetry(globals: object = globalThis): Part[] {
  const api = apiGlobal(globals);
  const { [LOGS_API]: logs } = globals as LogsGlobal;
  const version = api?.version;
  const own: Part =
    typeof version === 'string'
      ? { name: '@opentelemetry/api', on: true, detail: version }
      : { name: '@opentelemetry/api', on: false, detail: 'nothing was registered with it' };
  const parts = PROVIDERS.map(({ name, key, without }): Part => {
    const provider = api?.[key] ?? (key === 'logs' ? logs : undefined);
    return provider === undefined ? { name, on: false, detail: without } : { name, on: true, detail: nameOf(provider) };
  });
  return [own, ...parts];
}

// The API registers a proxy in front of the application's tracer provider.
function nameOf(provider: unknown): string {
  try {
    const { getDelegate } = provider as { getDelegate?(): object };
    const real = typeof getDelegate === 'function' ? getDelegate.call(provider) : provider;
    return Object(real).constructor?.name ?? 'registered';
  } catch {
    return 'registered';
  }
}

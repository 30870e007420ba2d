// What is registered with OpenTelemetry's API, read where every copy of the API 1.x keeps it: loading the API ourselves
// would cost each start of a program a good part of what Loopsight costs it.

/** Key of `globalThis` under which every copy of `@opentelemetry/api` 1.x keeps what was registered. */
export const API_KEY = Symbol.for('opentelemetry.js.api.1');

/** The parts of the API that can be registered, as far as a reader knows them. */
interface ApiGlobal {
  readonly version?: unknown;
  readonly context?: unknown;
  readonly diag?: unknown;
  readonly logs?: unknown;
  readonly metrics?: unknown;
  readonly trace?: unknown;
}

/** What is registered, its parts typed as the caller uses them; undefined where nothing ever was. */
export function apiGlobal<Parts extends ApiGlobal>(globals: object = globalThis): Parts | undefined {
  return (globals as { readonly [API_KEY]?: Parts })[API_KEY];
}

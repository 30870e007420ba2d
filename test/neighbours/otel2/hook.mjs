// Lets the instrumentations see ES modules.
import { register } from 'node:module';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
await import('./setup.cjs');

// Gives programs the function of the API as CommonJS has it: another copy than the one that LOOPSIGHT_TRACE starts.
import { createRequire } from 'node:module';

const { traceHandlers } = createRequire(import.meta.url)('../../../dist/cjs/instrumentations/handlers/index.js');
globalThis.traceHandlers = traceHandlers;

// The worker thread of the report pool: takes the number of a report, answers with its page.
import { parentPort } from 'node:worker_threads';
import { traced } from 'loopsight';
import { renderReport } from './report-rendering.js';

const render = traced('renderReport', renderReport);

parentPort?.on('message', (id: number) => parentPort?.postMessage(render(id)));

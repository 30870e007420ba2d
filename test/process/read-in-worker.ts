// The program of a worker: sends the figures as it reads them.
import { parentPort } from 'node:worker_threads';
import { processMonitor } from '../../instrumentations/process/index.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore } from '../support/read-store.js';

const report = () => {};
const recorder = createStore({ clock: systemClock, report });
processMonitor.start({ recorder, clock: systemClock, shared: false, report });

parentPort?.postMessage(readStore(recorder));

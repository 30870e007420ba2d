// expect {"function": "indexDocuments", "cause": ["javascript", "native"], "thread": "indexer"}
import { isMainThread } from 'node:worker_threads';
import { calibrate } from './harness.mjs';
import { answer, runInWorker } from './in-worker.mjs';

const part = JSON.stringify(Array.from({ length: 2000 }, (_, id) => ({ id, words: [`word ${id}`, 'and', 'another'] })));
const textOf = (copies) => `[${Array(copies).fill(part).join()}]`;

if (isMainThread) await runInWorker(import.meta.url, 'indexer', 'indexDocuments');
else {
  const text = calibrate(2, textOf, (made) => JSON.parse(made));
  answer(function indexDocuments() {
    return JSON.parse(text).length;
  });
}

// expect {"function": "convertVideo", "cause": "sync_io", "thread": "videos"}
import { execSync } from 'node:child_process';
import { isMainThread } from 'node:worker_threads';
import { stallMs } from './harness.mjs';
import { answer, runInWorker } from './in-worker.mjs';

function convertVideo() {
  execSync(`sleep ${stallMs / 1000}`);
}

if (isMainThread) await runInWorker(import.meta.url, 'videos', 'convertVideo');
else answer(convertVideo);

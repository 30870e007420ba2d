// expect {"function": "readVersion", "cause": "sync_io", "thread": "main"}
import { execSync } from 'node:child_process';
import { run, stallMs } from './harness.mjs';

function readVersion() {
  execSync(`sleep ${stallMs / 1000}`);
}

await run(['readVersion', () => readVersion()]);

// expect {"function": "listBranches", "cause": "sync_io", "thread": "main"}
import { spawnSync } from 'node:child_process';
import { run, stallMs } from './harness.mjs';

const repository = {
  listBranches() {
    spawnSync('sleep', [String(stallMs / 1000)]);
  },
};

await run(['listBranches', () => repository.listBranches()]);

// expect {"function": "sizeOf", "cause": ["sync_io", "javascript", "native"], "thread": "main"}
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run, timeUp } from './harness.mjs';

const libraries = join(import.meta.dirname, '../../../node_modules');

function sizeOf(folder, isOver) {
  let size = 0;
  for (const name of readdirSync(folder)) {
    if (isOver()) break;
    const path = join(folder, name);
    const entry = statSync(path, { throwIfNoEntry: false });
    size += entry?.isDirectory() ? sizeOf(path, isOver) : (entry?.size ?? 0);
  }
  return size;
}

function measureDisk() {
  const isOver = timeUp();
  while (!isOver()) sizeOf(libraries, isOver);
}

await run(['sizeOf', () => measureDisk()]);

// The place that creates a queue, in an application of its own.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root, runNode } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-creator-'));
const creatorName = pathToFileURL(join(root, 'dist/esm/instrumentations/queues/creator-name.js')).href;

/** A source map that has every position of one line in the source. */
const MAP = JSON.stringify({ version: 3, sources: ['../src/mail.ts'], names: [], mappings: 'AAAA' });

const FILES: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "shop", "type": "module" }',
  // As a library would: its constructor calls what tells of the queue.
  'node_modules/queue/index.js': `import { creatorName } from '${creatorName}';
function told() { return creatorName(told, 'queue'); }
export class Queue { constructor() { this.name = told(); } }
export const create = () => new Queue();`,
  'node_modules/queue/package.json': '{ "name": "queue", "version": "1.0.0", "type": "module" }',
  'node_modules/user/index.js': `import { Queue } from 'queue'; export const use = () => new Queue();`,
  'node_modules/user/package.json': '{ "name": "user", "version": "1.0.0", "type": "module" }',
  'jobs/mail.js': `import { create, Queue } from 'queue';
export class MailQueue extends Queue {}
export const first = () => new Queue();
export const second = () => create();`,
  'dist/mail.js': `import { Queue } from 'queue'; export const compiled = () => new Queue();\n//# sourceMappingURL=mail.js.map`,
  'dist/mail.js.map': MAP,
  'main.js': `import { use } from 'user';
import { Queue } from 'queue';
import { creatorName } from '${creatorName}';
import { first, MailQueue, second } from './jobs/mail.js';
import { compiled } from './dist/mail.js';
const prepare = Error.prepareStackTrace = () => 'as the application wants it';
const names = [first(), second(), first(), new MailQueue(), use(), compiled(), new Queue()].map(({ name }) => name);
names.push(await new Promise((resolve) => setTimeout(function notOnTheStack() { resolve(creatorName(() => {}, 'queue')); })));
console.log(JSON.stringify([names, Error.prepareStackTrace === prepare, Error.stackTraceLimit]));`,
};

before(() => {
  for (const [path, text] of Object.entries(FILES)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
});
after(() => rmSync(folder, { recursive: true }));

test('a queue is named by the file that creates it, below the folder of the application', async () => {
  const { stdout, stderr } = await runNode([join(folder, 'main.js')], { cwd: folder });
  assert.deepEqual(JSON.parse(stdout || stderr), [
    [
      'jobs/mail.js',
      'jobs/mail.js#2',
      'jobs/mail.js',
      'jobs/mail.js#3',
      'node_modules/user/index.js',
      'src/mail.ts',
      'main.js',
      'unknown',
    ],
    true,
    10,
  ]);
});

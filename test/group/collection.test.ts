// A collection of the serving process that fails takes its own figures from a scrape of the group, not those of the others.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { GroupSettings } from '../../src/group/join.js';
import { type ObserverHandle, type ObserverOptions, startObserver } from '../../src/observer/handle.js';
import { openHeartbeat } from '../../src/observer/heartbeat.js';
import type { Endpoint } from '../../src/observer/messages.js';
import { eventually } from '../support/eventually.js';
import { root } from '../support/instrumented.js';
import { scrape, sumBy } from './shop.js';

const parent = mkdtempSync(join(tmpdir(), 'ls-'));
after(() => rmSync(parent, { recursive: true, force: true }));
const { OBSERVER_PROGRAM } = (await import(join(root, 'dist/esm/src/observer/program.js'))) as {
  readonly OBSERVER_PROGRAM: string;
};

/** An observer whose main thread has no figures to give. */
async function observe(group: GroupSettings | undefined): Promise<{ handle: ObserverHandle; endpoint: Endpoint }> {
  let handle: ObserverHandle | undefined;
  const endpoint = await new Promise<Endpoint>((resolve) => {
    const options: ObserverOptions = {
      heartbeat: openHeartbeat().buffer,
      board: undefined,
      host: '127.0.0.1',
      listenPort: 0,
      constantLabels: {},
      resource: {},
      processFigures: false,
      watched: false,
      stalls: { socketFolders: [] as readonly string[] } as ObserverOptions['stalls'],
      group,
      open: () => ({
        read() {
          throw new Error('of the store');
        },
        close() {},
      }),
      onListening: resolve,
      onRunning: () => assert.fail('it has a port'),
      onListenFailed: (code, message) => assert.fail(`${code} ${message}`),
      onStartFailed: (error) => assert.fail(String(error)),
      onRestart: () => assert.fail('it ended'),
      onStall: () => {},
      onSnapshot: () => {},
      report: () => {},
      program: OBSERVER_PROGRAM,
    };
    handle = startObserver(options);
    handle.awaitEndpoint();
  });
  assert.ok(handle);
  return { handle, endpoint };
}

test('alone it fails the scrape', async () => {
  const { handle, endpoint } = await observe(undefined);
  try {
    await assert.rejects(scrape(endpoint.url), /status 500/);
  } finally {
    await handle.stop();
  }
});

test('in a group it does not', async () => {
  const membership = {
    identity: { kind: 'named', name: 'shop' },
    slot: { kind: 'numbered', prefix: '' },
    isPending: false,
  } as const;
  const folders = [join(parent, 'sockets')];
  const settings = { membership, host: '127.0.0.1', port: 0, folders, uid: process.getuid?.() ?? 0 };
  const { handle, endpoint } = await observe(settings);
  try {
    const up = await eventually(
      async () => sumBy(await scrape(endpoint.url), 'loopsight_group_member_up', 'process'),
      (found) => found.size > 0,
    );
    assert.deepEqual([...up], [['1', 1]]);
  } finally {
    await handle.stop();
  }
});

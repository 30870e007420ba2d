// A process that cannot take part: what is said, and that it is said once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock as clock } from '../../src/clock.js';
import { joinGroup } from '../../src/group/join.js';
import { claimGroupFolder, folderName } from '../../src/group/place.js';
import { MAX_SLOTS, type Slot, takeSlot } from '../../src/group/slots.js';

const uid = process.getuid?.() ?? 0;
const parent = mkdtempSync(join(tmpdir(), 'ls-'));
const slots: (Slot | undefined)[] = [];
after(() => {
  for (const slot of slots) slot?.release();
  rmSync(parent, { recursive: true, force: true });
});
const fail = (_cause: string, error: unknown) => assert.fail(String(error));

test('where all slots are taken there is no endpoint, and the port is left alone', async () => {
  const identity = { kind: 'named', name: 'full' } as const;
  const at = { host: '127.0.0.1', port: 9464 };
  const folders = [join(parent, 'sockets')];
  const folder = claimGroupFolder(folders, uid, folderName(identity, at));
  for (let number = 1; number <= MAX_SLOTS; number++) {
    slots.push(await takeSlot(folder, `${number}`, (socket) => socket.destroy()));
  }
  const said = await new Promise<Error>((resolve) => {
    const group = joinGroup({
      settings: {
        ...at,
        folders,
        uid,
        membership: { identity, slot: { kind: 'numbered', prefix: '' }, isPending: false },
      },
      listenPort: at.port,
      clock,
      refresh: async () => {},
      figures: () => ({ tables: [], constantLabels: {}, resource: {} }),
      serve: () => assert.fail('it listens'),
      onEndpoint: () => assert.fail('there is an endpoint'),
      onNoEndpoint: (error) => {
        assert.equal(group.process, undefined);
        resolve(error);
      },
      onFolder: () => {},
      onObstacle: (sentence) => assert.fail(sentence),
      report: fail,
    });
  });
  assert.match(said.message, /all slots of the group are taken/);
});

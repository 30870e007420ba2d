// What clients of the socket may ask of the inspector, and what becomes of a process that they look into.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { CdpConnection, CdpThread } from '../../src/cdp/connection.js';
import { relayThreads } from '../../src/cdp/worker-threads.js';
import { eventually } from '../support/eventually.js';
import { withoutStalls } from '../support/run-node.js';
import { nodes } from '../support/target.js';
import { startRelayed, threadsOf } from './relayed.js';

const eventOf = (connection: CdpConnection, event: string) =>
  new Promise<Record<string, unknown>>((resolve) => {
    const undo = connection.on(event, (params) => {
      undo();
      resolve(params as Record<string, unknown>);
    });
  });

interface Profiled {
  readonly profile: { readonly nodes: readonly { readonly callFrame: { readonly functionName: string } }[] };
}

async function profile({ connection }: CdpThread, meanwhile: () => Promise<unknown>): Promise<string[]> {
  await connection.post('Profiler.enable');
  await connection.post('Profiler.setSamplingInterval', { interval: 1000 });
  await connection.post('Profiler.start');
  await meanwhile();
  const answer = (await connection.post('Profiler.stop')) as Profiled;
  return answer.profile.nodes.map(({ callFrame }) => callFrame.functionName);
}

for (const [major, node] of nodes()) {
  describe(`through the observer of Node ${major}`, {
    // They wait most of the time.
    concurrency: 3,
    skip: process.platform === 'win32' && 'no such sockets',
  }, () => {
    test('every thread is profiled but the observer', async () => {
      await using program = await startRelayed(node);
      const main = await program.connect();
      const [first, worker] = await threadsOf(main);
      assert.equal(worker.thread, 'cruncher');
      const seen = await profile(first, () => program.tell('block', 200));
      assert.ok(seen.includes('blockFor'), seen.join());
      assert.ok((await profile(worker, () => program.tell('worker', 200))).length > 2);
      main.close();
    });

    test('a worker that sleeps is idle while it is profiled', async () => {
      await using program = await startRelayed(node);
      // The first turns of a loop are not watched.
      await program.tell('turn');
      const main = await program.connect();
      const [, worker] = await threadsOf(main);
      const busyWhile = async () => {
        const before = Number(await program.tell('busy'));
        await profile(worker, () => delay(2000));
        return Number(await program.tell('busy')) - before;
      };
      // libuv says nearly all of the two seconds, each time; a machine that is busy with others has it wait at times.
      let busyS = await busyWhile();
      for (let more = 2; more > 0 && busyS >= 1; more--) busyS = await busyWhile();
      assert.ok(busyS < 1, String(busyS));
      main.close();
    });

    test('workers of workers are reached as well', async () => {
      await using program = await startRelayed(node);
      await program.tell('nest');
      const main = await program.connect();
      const relay = relayThreads(main);
      const inner = await eventually(
        async () => (await relay.threads()).find(({ thread }) => thread === 'inner'),
        (found) => found !== undefined,
      );
      assert.ok(inner);
      await assert.rejects(inner.connection.post('Runtime.evaluate', { expression: '1' }), /not allowed/);
      await profile(inner, async () => {});
      main.close();
    });

    test('a paused thread shows what it holds, and goes on when it is told', async () => {
      await using program = await startRelayed(node);
      // The first turns of a loop are not watched.
      await program.tell('turn');
      const main = await program.connect();
      const [first, worker] = await threadsOf(main);
      for (const [{ connection }, command] of [
        [first, 'secret'],
        [worker, 'worker'],
      ] as const) {
        await connection.post('Debugger.enable');
        const paused = eventOf(connection, 'Debugger.paused');
        const answer = program.tell(command, 0);
        const [frame] = (await paused).callFrames as Frame[];
        const [scope] = frame?.scopeChain ?? [];
        const objectId = scope?.object.objectId;
        if (command === 'secret') {
          const { result } = (await connection.post('Runtime.getProperties', { objectId })) as Properties;
          assert.equal(result.find(({ name }) => name === 'secret')?.value?.value, 'hunter2');
        }
        // Longer than a stall is.
        await delay(400);
        await connection.post('Debugger.resume');
        await answer;
        await connection.post('Debugger.disable');
      }
      main.close();
      await eventually(
        async () => (await program.tell('stalls')) as readonly string[],
        (found) => ['main debugger', 'cruncher debugger'].every((wanted) => found.includes(wanted)),
      );
      assert.equal(withoutStalls(program.stderr()), '');
    });

    test('a stall while a profile is recorded is still told of, with its code', async () => {
      await using program = await startRelayed(node);
      const main = await program.connect();
      const [first] = await threadsOf(main);
      await profile(first, async () => {
        // What is logged is a second or longer.
        await program.tell('block', 1200);
        await eventually(program.stderr, (text) => text.includes('blockFor'));
      });
      main.close();
    });

    test('what a client that is gone has switched on is off', async () => {
      await using program = await startRelayed(node);
      const before = await program.tell('utilization');
      const main = await program.connect();
      for (const { connection } of await threadsOf(main)) {
        await connection.post('Profiler.enable');
        await connection.post('Profiler.start');
        await connection.post('Debugger.enable');
      }
      const paused = eventOf(main, 'Debugger.paused');
      const answer = program.tell('secret');
      await paused;
      main.close();
      // Long before the deadline of a pause.
      await answer;
      // Nothing stops there any more.
      await program.tell('secret');
      assert.equal(await program.tell('worker', 0), 'went on');
      // A running profiler has an idle loop count as busy.
      const [mainLoop = 1, workerLoop = 1] = (await eventually(
        () => program.tell('utilization'),
        (found) => Math.max(...(found as number[])) < 0.5,
      )) as number[];
      assert.ok(mainLoop < 0.5 && workerLoop < 0.5, `${before} ${mainLoop} ${workerLoop}`);
    });

    for (const thread of ['main', 'worker'] as const) {
      test(`a pause of the ${thread} ends by itself, and so does its client`, async () => {
        await using program = await startRelayed(node);
        const main = await program.connect();
        const [first, worker] = await threadsOf(main);
        const { connection } = thread === 'main' ? first : worker;
        await connection.post('Debugger.enable');
        const paused = eventOf(connection, 'Debugger.paused');
        const answer = thread === 'main' ? program.tell('secret') : program.tell('worker', 0);
        await paused;
        await main.closed;
        await answer;
      });
    }

    for (const [way, code] of [
      ['exit', 7],
      ['end', 0],
      ['throw', 1],
    ] as const) {
      test(`a process that ends by ${way} meanwhile says nothing, and is not kept`, async () => {
        await using program = await startRelayed(node);
        const main = await program.connect();
        for (const { connection } of await threadsOf(main)) {
          await connection.post('Profiler.enable');
          await connection.post('Profiler.start');
        }
        await main.post('Debugger.enable');
        program.tell(way).catch(() => {});
        assert.deepEqual(await program.ended, { code, signal: null });
        await main.closed;
        assert.doesNotMatch(program.stderr(), /debugger/i);
        if (way !== 'throw') assert.equal(withoutStalls(program.stderr()), '');
      });
    }

    test('nothing stays in workers when the observer is stopped meanwhile', async () => {
      await using program = await startRelayed(node);
      const main = await program.connect();
      for (const { connection } of await threadsOf(main)) {
        await connection.post('Profiler.enable');
        await connection.post('Profiler.start');
        await connection.post('Debugger.enable');
      }
      await program.tell('stop');
      await main.closed;
      assert.equal(await program.tell('worker', 0), 'went on');
      const utilization = (await program.tell('utilization')) as number[];
      assert.ok(Math.max(...utilization) < 0.5, utilization.join());
    });

    test('a process that sends signals keeps its client', async () => {
      await using program = await startRelayed(node);
      const main = await program.connect();
      const seen = await profile((await threadsOf(main))[0], async () => {
        for (let round = 0; round < 5; round++) await program.tell('signal');
        await delay(50);
      });
      assert.ok(seen.length > 0);
      main.close();
    });
  });
}

interface Frame {
  readonly scopeChain: readonly { readonly object: { readonly objectId: string } }[];
}

interface Properties {
  readonly result: readonly { readonly name: string; readonly value?: { readonly value?: unknown } }[];
}

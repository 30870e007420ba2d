// The observer may end, fail or hang: the application goes on, and a new one takes its place, a few times.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { type ObserverOptions, startObserver } from '../../src/observer/handle.js';
import { FLAG, openHeartbeat } from '../../src/observer/heartbeat.js';
import { isOwn } from '../../src/own.js';

const LISTENING = `
const { workerData } = require('node:worker_threads');
const { port, heartbeat, listenPort } = workerData;
const flags = new Int32Array(heartbeat, 0, 4);
const endpoint = { host: '127.0.0.1', port: listenPort || 4321, url: '' };
port.on('message', () => {});
port.postMessage({ type: 'listening', endpoint });
`;

/** Which flag of the heartbeat tells it to fail: what an observer said before must have been heard. */
const FAIL = 3;
const failing = (failure: string) =>
  `setInterval(() => { if (Atomics.load(flags, ${FAIL}) === 1) { ${failure} } }, 5);`;

/** How an observer fails once it listens. */
const FAILURES: Readonly<Record<string, string>> = {
  'ends by itself': failing('process.exit(0);'),
  throws: failing("throw new Error('of the observer');"),
  'rejects unhandled': failing("Promise.reject(new Error('of the observer'));"),
  'runs out of memory': failing('const kept = []; for (;;) kept.push(new Array(1e6).fill(kept.length));'),
};

const DELAYS_MS = [1_000, 10_000, 60_000];

interface Observed {
  readonly heartbeat: ReturnType<typeof openHeartbeat>;
  readonly ports: number[];
  restarts: number;
  stop(): Promise<void>;
}

function observe(program: string): Observed {
  const heartbeat = openHeartbeat();
  const observed = { heartbeat, ports: [] as number[], restarts: 0 };
  const options: ObserverOptions = {
    heartbeat: heartbeat.buffer,
    board: undefined,
    host: '127.0.0.1',
    listenPort: 0,
    constantLabels: {},
    resource: {},
    processFigures: false,
    watched: true,
    stalls: { thresholdMs: 100, capture: false, root: '/', log: 'off' } as ObserverOptions['stalls'],
    open: () => ({ read: () => assert.fail('nobody scrapes'), close() {} }),
    onListening: ({ port }) => observed.ports.push(port),
    onRunning: () => assert.fail('it has a port'),
    onListenFailed: (code) => assert.fail(code),
    onStartFailed: (error) => assert.fail(String(error)),
    onRestart: () => observed.restarts++,
    onStall: () => {},
    onSnapshot: () => {},
    report: () => {},
    program,
  };
  const handle = startObserver(options);
  return Object.assign(observed, { stop: () => handle.stop() });
}

/** The observer that is started next; what loads TypeScript has a worker of its own. */
const nextWorker = () =>
  new Promise<Worker>((resolve) => {
    const look = (worker: Worker) => {
      if (!isOwn(worker)) return;
      process.off('worker', look);
      resolve(worker);
    };
    process.on('worker', look);
  });
// Not `once` of node:events, which rejects for an `error` event.
const exitOf = (worker: Worker) => new Promise((resolve) => worker.once('exit', resolve));
/** Turns of the real loop, in which what a thread said arrives; timers of the test stand still. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

function stopTime(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
}

describe('an observer that', () => {
  // The observer keeps nothing alive, and so not this test either.
  const { port1, port2 } = new MessageChannel();
  before(() => port1.on('message', () => {}));
  after(() => {
    port1.close();
    port2.close();
  });

  for (const [failure, program] of Object.entries(FAILURES)) {
    test(`${failure} is started again three times, ever later, on the same port, and then no more`, {
      timeout: 60_000,
    }, async (t) => {
      stopTime(t);
      let worker = nextWorker();
      const observed = observe(LISTENING + program);
      Atomics.store(observed.heartbeat.flags, FLAG.capturing, 2);
      const failsOnce = async (observers: number) => {
        const exited = exitOf(await worker);
        while (observed.ports.length < observers) await turn();
        Atomics.store(observed.heartbeat.flags, FAIL, 1);
        await exited;
        Atomics.store(observed.heartbeat.flags, FAIL, 0);
      };
      for (const [restarts, delayMs] of DELAYS_MS.entries()) {
        await failsOnce(restarts + 1);
        assert.equal(observed.heartbeat.flags[FLAG.capturing], 0, 'captures that nobody will answer are forgotten');
        worker = nextWorker();
        t.mock.timers.tick(delayMs - 1);
        assert.equal(observed.restarts, restarts);
        t.mock.timers.tick(1);
        assert.equal(observed.restarts, restarts + 1);
        Atomics.store(observed.heartbeat.flags, FLAG.capturing, 1);
      }
      await failsOnce(DELAYS_MS.length + 1);
      t.mock.timers.tick(3_600_000);
      assert.equal(observed.restarts, DELAYS_MS.length);
      assert.deepEqual(observed.ports, [4321, 4321, 4321, 4321]);
      await observed.stop();
    });
  }

  test('hangs is ended and started again; one that turns is not', async (t) => {
    stopTime(t);
    const first = nextWorker();
    const observed = observe(`${LISTENING} Atomics.wait(flags, 3, 0);`);
    const stuck = await first;
    while (observed.ports.length === 0) await turn();
    const { flags } = observed.heartbeat;
    const ended = exitOf(stuck);
    for (let check = 0; check < 10; check++) {
      // It looks at its loops between any two checks.
      Atomics.add(flags, FLAG.looks, 1);
      t.mock.timers.tick(15_000);
      await turn();
    }
    assert.equal(stuck.threadId > 0, true);
    // It does not any more.
    t.mock.timers.tick(45_000);
    await ended;
    const second = nextWorker();
    t.mock.timers.tick(1_000);
    assert.equal(observed.restarts, 1);
    await second;
    await observed.stop();
  });
});

// Clients of the event stream, with a clock that tests move: bounded, and none of them holds up another one.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import type { PageHistory, PageState } from '../../src/page/state.js';
import { createStreams, MAX_STREAMS } from '../../src/page/streams.js';

/** A client that reads, or does not. */
class Client extends Writable {
  text = '';
  status = 0;
  isReading = true;
  #unread: (() => void)[] = [];

  constructor() {
    super({ highWaterMark: 16 });
  }

  writeHead(status: number): void {
    this.status = status;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    if (this.isReading) done();
    else this.#unread.push(done);
  }

  read(): void {
    this.isReading = true;
    for (const done of this.#unread.splice(0)) done();
  }

  get events(): { event: string; data: Partial<PageState> }[] {
    return this.text
      .split('\n\n')
      .filter((part) => part !== '')
      .map((part) => {
        const [event = '', data = ''] = part.split('\n');
        return { event: event.replace('event: ', ''), data: JSON.parse(data.replace('data: ', '')) };
      });
  }
}

function setUp() {
  let nowMs = 1_000_000;
  let unixS = 1_790_000_000;
  let stalls: unknown[] = [];
  const failures: string[] = [];
  let isEmpty = false;
  let made = 0;
  const history = (after: number) => ({ unixS: unixS > after && !isEmpty ? [unixS] : [] }) as unknown as PageHistory;
  const streams = createStreams({
    clock: { monotonicMs: () => nowMs, unixMs: () => unixS * 1000 } as never,
    state: async (after) => {
      made++;
      return { unixMs: unixS * 1000, history: history(after), stalls, blockers: [] } as unknown as PageState;
    },
    report: (cause) => failures.push(cause),
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    streams,
    failures,
    settle,
    async open() {
      const client = new Client();
      streams.open(client as unknown as ServerResponse, {});
      await settle();
      return client;
    },
    async pass(seconds: number) {
      nowMs += seconds * 1000;
      unixS += seconds;
      await streams.send();
      await settle();
    },
    setStalls(now: unknown[]) {
      stalls = now;
    },
    setEmpty(now: boolean) {
      isEmpty = now;
    },
    setBack(seconds: number) {
      unixS -= seconds;
    },
    made: () => made,
  };
}

test('a client gets the history once, then each second what is new', async () => {
  const { open, pass, setStalls } = setUp();
  const client = await open();
  await pass(1);
  setStalls([{ startUnixMs: 1 }]);
  await pass(1);
  await pass(1);
  const events = client.events.map(({ event, data }) => [event, data.stalls?.length]);
  assert.deepEqual(events, [
    ['history', undefined],
    ['state', 0],
    ['state', undefined],
    ['state', 1],
    ['state', undefined],
  ]);
});

test('one that came before the first second was over is told of the next ones', async () => {
  const { open, pass, setEmpty } = setUp();
  setEmpty(true);
  const client = await open();
  setEmpty(false);
  await pass(1);
  await pass(1);
  assert.deepEqual(
    client.events.map(({ event, data }) => [event, data.history?.unixS.length]),
    [
      ['history', undefined],
      ['state', 0],
      ['state', 1],
      ['state', 1],
    ],
  );
});

test('where the clock is set back, the history is told again', async () => {
  const { open, pass, setBack } = setUp();
  const client = await open();
  setBack(3600);
  await pass(1);
  await pass(1);
  const events = client.events.map(({ event }) => event);
  assert.deepEqual(events, ['history', 'state', 'history', 'state', 'state']);
});

test('what many are told is made once', async () => {
  const { open, pass, made } = setUp();
  for (let index = 0; index < MAX_STREAMS; index++) await open();
  const before = made();
  await pass(1);
  assert.equal(made() - before, 1);
});

test('there are no more than a few clients', async () => {
  const { streams, open } = setUp();
  const clients = await Promise.all(Array.from({ length: MAX_STREAMS + 3 }, open));
  assert.equal(streams.count, MAX_STREAMS);
  assert.ok(streams.isFull);
  assert.equal(clients.filter(({ destroyed }) => destroyed).length, 3);
  clients[0]?.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(streams.count, MAX_STREAMS - 1);
});

test('one that does not read is written nothing more, and is gone after a while', async () => {
  const { streams, open, pass } = setUp();
  const [slow, other] = [await open(), await open()];
  slow.isReading = false;
  await pass(1);
  const { length } = slow.text;
  const { writableLength } = slow;
  for (let second = 0; second < 20; second++) await pass(1);
  assert.equal(slow.text.length, length);
  assert.equal(slow.writableLength, writableLength, 'nothing is kept for it');
  assert.ok(other.events.length > 20);
  slow.read();
  await pass(1);
  await pass(1);
  assert.ok(slow.text.length > length, 'it reads again, and is told again');
  slow.isReading = false;
  await pass(1);
  for (let second = 0; second < 35; second++) await pass(1);
  assert.ok(slow.destroyed);
  assert.equal(streams.count, 1);
});

test('a stream ends after some minutes, so that credentials are shown again', async () => {
  const { streams, open, pass } = setUp();
  const client = await open();
  await pass(601);
  assert.equal(streams.count, 0);
  assert.ok(client.writableEnded && !client.errored);
});

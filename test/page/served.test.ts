// The page of a real process: who is let in, what it answers, and that it goes on while the main thread is blocked.
import assert from 'node:assert/strict';
import { get, type IncomingMessage, request } from 'node:http';
import { test } from 'node:test';
import type { PageComparison, PageHistory, PageState, PageStateEvent } from '../../src/page/state.js';
import type { Profile } from '../../src/profile/profile.js';
import type { V8Recording } from '../../src/profile/v8-profile.js';
import { eventually } from '../support/eventually.js';
import { startInstrumented } from '../support/instrumented.js';

interface Said {
  readonly app: string;
  readonly metrics: string;
}

const start = (env: Readonly<Record<string, string>> = {}) =>
  startInstrumented<Said>('http-server.mjs', { LOOPSIGHT_PAGE: 'on', LOOPSIGHT_LOG: 'off', ...env });

const at = ({ metrics }: Said, path: string) => new URL(path, metrics).href;

function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, async (response) => {
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += chunk;
      resolve({ status: response.statusCode ?? 0, body });
    }).on('error', reject);
  });
}

/** Reads events until `isIt` says that they are enough. */
async function readEvents(
  url: string,
  isIt: (events: readonly { event: string; data: PageStateEvent; atMs: number }[]) => boolean,
): Promise<{ event: string; data: PageStateEvent; atMs: number }[]> {
  const events: { event: string; data: PageStateEvent; atMs: number }[] = [];
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent: false }, resolve).on('error', reject).end();
  });
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const [event = '', data = ''] = text.slice(0, end).split('\n');
      events.push({ event: event.slice(7), data: JSON.parse(data.slice(6)), atMs: performance.now() });
      text = text.slice(end + 2);
    }
    if (isIt(events)) break;
  }
  response.destroy();
  return events;
}

test('it is live while the main thread is blocked for seconds, and names who blocks', { timeout: 60_000 }, async () => {
  await using program = await start();
  const { said } = program;
  await eventually(
    async () => JSON.parse((await ask(at(said, '/page/state.json'))).body) as PageState,
    ({ history, threads }) => history.unixS.length >= 2 && threads.length > 0,
  );
  let blockedAtMs = Number.NaN;
  const blocking = readEvents(at(said, '/page/events'), (events) => {
    if (Number.isNaN(blockedAtMs) && events.length > 1) {
      blockedAtMs = performance.now();
      get(`${said.app}/block?ms=5000`, { agent: false }).on('error', () => {});
    }
    const stalls = events.flatMap(({ data }) => data.stalls ?? []);
    return stalls.some(({ ongoing, durationMs }) => !ongoing && durationMs > 4_000);
  });
  const events = await blocking;
  const [first, ...states] = events;
  assert.equal(first?.event, 'history');
  const history = first?.data as unknown as PageHistory | undefined;
  assert.ok((history?.unixS.length ?? 0) >= 2);
  const during = states.filter(
    ({ data }) => (data.threads.find(({ thread }) => thread === 'main')?.blockedMs ?? 0) > 0,
  );
  assert.ok(during.length >= 3, `${during.length} events came meanwhile`);
  const told = during.filter(({ data }) => data.verdict.level === 'critical');
  assert.match(told.at(-1)?.data.verdict.headline ?? '', /^\S+ blocks the event loop, for [\d.]+ s now\.$/);
  assert.match(told.at(-1)?.data.verdict.detail ?? '', /http-server\.mjs/);
  const lag = during.flatMap(({ data }) => data.history.lagP99Ms);
  assert.ok(Math.max(...lag.map((ms) => ms ?? 0)) > 2_000, 'the lag rises while it is blocked');
  const blockers = states.flatMap(({ data }) => data.blockers ?? []);
  assert.ok(blockers.some(({ thread, file }) => thread === 'main' && file.endsWith('http-server.mjs')));
});

test('a profile, a comparison, and answers to what cannot be read', { timeout: 60_000 }, async () => {
  await using program = await start();
  const { said } = program;
  const recording = await ask(at(said, '/page/profile.json?seconds=0.3&interval=1'));
  assert.equal(recording.status, 200, recording.body);
  const { pid, threads } = JSON.parse(recording.body) as V8Recording;
  assert.equal(pid, program.child.pid);
  assert.deepEqual(
    threads.map(({ thread }) => thread),
    ['main'],
  );
  const [profile, busy] = await Promise.all([
    ask(at(said, '/page/profile.json?seconds=1&threads=all&as=profile')),
    ask(at(said, '/page/profile.json?seconds=1')),
  ]);
  assert.deepEqual([profile.status, busy.status].sort(), [200, 409]);
  const read = JSON.parse(profile.status === 200 ? profile.body : busy.body) as Profile | V8Recording;
  assert.ok(read.threads.every(({ thread }) => thread !== 'loopsight-observer'));
  const nowS = Math.floor(Date.now() / 1000);
  const compared = await ask(at(said, `/page/compare.json?a=${nowS - 2}-${nowS - 1}&b=${nowS - 1}-${nowS}`));
  assert.ok((JSON.parse(compared.body) as PageComparison).rows.length > 3);
  for (const path of ['/page/compare.json', '/page/profile.json?seconds=1000', '/page/state.json?history=x']) {
    const { status, body } = await ask(at(said, path));
    assert.equal(status, 400);
    assert.match(body, /^Expected `\w+` to be .*\.\n$/);
  }
  assert.equal((await ask(at(said, '/page/else'))).status, 404);
  assert.equal((await ask(said.metrics)).status, 200);
});

test('foreign pages get nothing, however they come', { timeout: 30_000 }, async () => {
  await using program = await start();
  const { said } = program;
  const paths = ['/', '/page/state.json', '/page/events', '/page/profile.json?seconds=0.1', '/page/compare.json'];
  const foreign: readonly Readonly<Record<string, string>>[] = [
    { host: 'rebound.example.com' },
    { host: '127.0.0.1.nip.io:9464' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:1' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
  ];
  for (const path of paths) {
    for (const headers of foreign) {
      assert.equal((await ask(at(said, path), headers)).status, 403, `${path} ${JSON.stringify(headers)}`);
    }
  }
  // A link may lead to the page, and nowhere else.
  const led = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  for (const path of paths) assert.equal((await ask(at(said, path), led)).status, path === '/' ? 200 : 403, path);
  const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', origin: new URL(said.metrics).origin };
  assert.equal((await ask(at(said, '/page/state.json'), own)).status, 200);
});

test('with a token nobody sees a figure without it', { timeout: 30_000 }, async () => {
  await using program = await start({ LOOPSIGHT_TOKEN: 'the token', OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' });
  const { said } = program;
  const port = new URL(said.metrics).port;
  const url = (path: string) => `http://127.0.0.1:${port}${path}`;
  for (const path of ['/page/state.json', '/page/events', '/page/profile.json', '/page/compare.json', '/metrics']) {
    for (const headers of [{}, { authorization: 'Bearer a token' }] as Record<string, string>[]) {
      const { status, body } = await ask(url(path), headers);
      assert.equal(status, 401);
      assert.match(body, /^Unauthorized: /);
    }
  }
  const page = await ask(url('/'));
  assert.equal(page.status, 401);
  assert.match(page.body, /This page asks for a token/);
  assert.ok(!page.body.includes(String(program.child.pid)));
  const shown = await ask(url('/page/state.json'), { authorization: 'Bearer the token' });
  assert.equal((JSON.parse(shown.body) as PageState).process.pid, program.child.pid);
});

test('it is off by default, and where everybody would see it', { timeout: 30_000 }, async () => {
  await using usual = await start({ LOOPSIGHT_PAGE: '' });
  assert.equal((await ask(at(usual.said, '/page/state.json'))).status, 404);
  assert.match((await ask(at(usual.said, '/'))).body, /^Loopsight: .*\nMetrics are at \/metrics\n$/);
  await using open = await start({ OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0', LOOPSIGHT_LOG: 'on' });
  const { port } = new URL(open.said.metrics);
  assert.equal((await ask(`http://127.0.0.1:${port}/page/state.json`)).status, 404);
  assert.equal((await ask(`http://127.0.0.1:${port}/metrics`)).status, 200);
  assert.match(open.stderr(), /the live page is not served: the endpoint is bound to 0\.0\.0\.0/);
  await using here = await start({ LOOPSIGHT_OBSERVER: 'off', LOOPSIGHT_LOG: 'on' });
  assert.equal((await ask(at(here.said, '/page/state.json'))).status, 404);
  assert.match(here.stderr(), /the live page is not served: it needs the observer thread/);
});

test('further clients of the stream are refused, and leave room for scrapes', { timeout: 60_000 }, async () => {
  await using program = await start();
  const { said } = program;
  const open: IncomingMessage[] = [];
  try {
    for (let index = 0; index < 12; index++) {
      open.push(
        await new Promise<IncomingMessage>((resolve, reject) => {
          get(at(said, '/page/events'), { agent: false }, resolve).on('error', reject);
        }),
      );
    }
    assert.deepEqual(
      open.map(({ statusCode }) => statusCode),
      [...Array(8).fill(200), ...Array(4).fill(503)],
    );
    assert.equal((await ask(said.metrics)).status, 200);
    assert.equal((await ask(at(said, '/page/state.json'))).status, 200);
  } finally {
    for (const response of open) response.destroy();
  }
  await eventually(
    async () => {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        get(at(said, '/page/events'), { agent: false }, resolve).on('error', reject);
      });
      response.destroy();
      return response.statusCode;
    },
    (status) => status === 200,
  );
});

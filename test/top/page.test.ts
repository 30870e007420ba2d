import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { metricsUrl } from '../../src/cli/fetch-metrics.js';
import { openPageSource } from '../../src/top/page-source.js';
import { eventually } from '../support/eventually.js';
import { registerEsm } from '../support/instrumented.js';
import { freePort } from '../support/prometheus.js';
import { runHere as loopsight } from '../support/run-here.js';
import { startTarget, type Target } from '../support/target.js';

const BLOCKS = join(import.meta.dirname, 'programs/blocks.cjs');

const targets: Target[] = [];
const servers: Server[] = [];
after(async () => {
  for (const target of targets) await target.kill();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function start(env: Readonly<Record<string, string>>): Promise<{ target: Target; host: string }> {
  const port = String(await freePort());
  const target = await startTarget(BLOCKS, {
    execArgv: ['--no-opt', '--import', registerEsm],
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: port, OTEL_SERVICE_NAME: 'shop', LOOPSIGHT_LOG: 'off', ...env },
    // Less than a profile of it is waited for.
    args: ['4'],
  });
  targets.push(target);
  const host = `127.0.0.1:${port}`;
  await eventually(
    () =>
      fetch(`http://${host}/livez`).then(
        ({ ok }) => ok,
        () => false,
      ),
    (isThere) => isThere,
  );
  return { target, host };
}

describe('loopsight top <url>', () => {
  it('shows a remote process through its live page, also while its loop is blocked', async () => {
    const { target, host } = await start({ LOOPSIGHT_PAGE: 'on' });
    const { code, out, error } = await eventually(
      () => loopsight('top', host, '--once'),
      ({ out: frame }) =>
        /\n lag {2}\S+ (?:[\d.]+ m?s, )?p99 [\d.]+ m?s\n busy \S+ [\d.]+ %\n/.test(frame) &&
        /\n +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ {2}work +test\/top\/programs\/blocks\.cjs:\d+\n/.test(frame),
    );
    assert.deepEqual({ code, error }, { code: 0, error: '' });
    const title = new RegExp(`^ shop · pid ${target.pid} · Node ${process.versions.node} · .*sampled [\\d.]+ m?s\n`);
    assert.match(out, title);

    const { signal } = new AbortController();
    const options = { windowMs: 300, intervalUs: 5000, authorization: undefined, signal };
    const source = await openPageSource(metricsUrl(host), options);
    target.child.kill('SIGUSR2');
    await target.line(/blocks/);
    const loop = await eventually(
      async () => (await source?.next(signal))?.loops[0],
      (one) => (one?.blockedMs ?? 0) > 500,
    );
    assert.equal(loop?.thread, 'main');
    assert.equal(loop?.utilization, 1);
    const { profile } = await eventually(
      async () => (await source?.next(signal)) ?? { profile: undefined },
      (update) => update.profile?.functions.some(({ name }) => name === 'execSync') === true,
    );
    assert.ok(profile !== undefined);
  });

  it('shows credentials, and asks for them where it has none', async () => {
    const { host } = await start({ LOOPSIGHT_PAGE: 'on', LOOPSIGHT_TOKEN: 'a-token-of-some-length' });
    const refused = await loopsight('top', host, '--once');
    assert.match(refused.error, /asks for credentials: set LOOPSIGHT_TOKEN_FILE/);
    assert.equal(refused.code, 3);
    process.env.LOOPSIGHT_TOKEN = 'a-token-of-some-length';
    try {
      const { code, out } = await loopsight('top', host, '--json', '--interval', '0.3');
      assert.equal(code, 0);
      assert.equal(JSON.parse(out).title, 'shop');
    } finally {
      delete process.env.LOOPSIGHT_TOKEN;
    }
  });

  it('says that the page is off', async () => {
    const { host } = await start({});
    const { code, error } = await loopsight('top', `http://${host}/metrics`, '--once');
    assert.match(error, /\/page\/state\.json is not there: .* LOOPSIGHT_PAGE=on\.\n$/);
    assert.equal(code, 3);
  });

  it('asks for no more when it is left, whatever is not answered yet', { timeout: 20_000 }, async () => {
    const state = { process: { pid: 7, nodeVersion: 'v24.0.0', service: 'shop', canProfile: true }, threads: [] };
    let givenUp: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      givenUp = resolve;
    });
    const host = await serve((request, response) => {
      if (request.url?.startsWith('/page/profile.json')) response.once('close', givenUp);
      else response.end(JSON.stringify({ ...state, history: { lagMeanMs: [], lagP99Ms: [] } }));
    });
    const { code, error } = await loopsight('top', host, '--once', '--interval', '0.2');
    assert.deepEqual({ code, error }, { code: 0, error: '' });
    await closed;
  });

  const ANSWERS: readonly (readonly [what: string, listener: RequestListener, sentence: RegExp])[] = [
    ['a page', (_, response) => response.end('<html>'), /answered with HTML/],
    ['other JSON', (_, response) => response.end('{"process":1}'), /is no state of a process/],
    ['an error', (_, response) => response.writeHead(500).end('a\u001b[2Jb'), /answered with status 500/],
    ['a refusal', (_, response) => response.writeHead(403).end('no\u001b[2J'), /refuses: no\[2J/],
  ];
  for (const [what, listener, sentence] of ANSWERS) {
    it(`says in a sentence that ${what} was answered`, async () => {
      const { code, out, error } = await loopsight('top', await serve(listener), '--once');
      assert.match(error, sentence);
      assert.doesNotMatch(error, /[^\n\P{Cc}]/u);
      assert.deepEqual({ code, out }, { code: 3, out: '' });
    });
  }
});

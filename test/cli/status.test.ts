import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { runCommand } from '../../src/cli/commands.js';
import { fetchMetrics, metricsUrl } from '../../src/cli/fetch-metrics.js';
import { UnreadableData } from '../../src/http/unreadable.js';
import { exposition } from '../status/exposition.js';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const BLOCKED = exposition('loopsight_eventloop_blocked_seconds{thread_name="main"} 3.2');
const servers: Server[] = [];
after(() => {
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

const text =
  (body: string, type = 'text/plain; version=0.0.4'): RequestListener =>
  (_, response) => {
    response.setHeader('content-type', type);
    response.end(body);
  };

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

async function loopsight(...argv: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const read = async (stream: AsyncIterable<Buffer>) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [out, error, code] = await Promise.all([read(child.stdout), read(child.stderr), closed]);
    return { code, out, error };
  } finally {
    child.kill('SIGKILL');
  }
}

function keeping(colour: boolean) {
  const written = { out: '', error: '' };
  const streams = {
    out: (text: string) => {
      written.out += text;
    },
    error: (text: string) => {
      written.error += text;
    },
    colour,
  };
  return { streams, written };
}

// The same without a process of its own, which takes most of a second to start.
async function loopsightHere(...argv: readonly string[]): Promise<Outcome> {
  const { streams, written } = keeping(false);
  const code = await runCommand(argv, streams);
  return { code, ...written };
}

describe('loopsight status', { concurrency: 2 }, () => {
  it('says that nothing is wrong, with exit code 0', async () => {
    const { code, out, error } = await loopsight('status', await serve(text(exposition())), '--interval', '0');
    assert.match(out, /^nothing wrong: lag p99 of thread main 9\.1 ms since start, .*\.\n$/);
    assert.deepEqual({ code, error }, { code: 0, error: '' });
  });

  it('says what is wrong, without colours in a pipe, with exit code 1', async () => {
    const { code, out, error } = await loopsight('status', `http://${await serve(text(BLOCKED))}`, '--interval', '0');
    assert.equal(
      out,
      'The loop of thread main has been blocked for 3.2 s right now (loopsight_eventloop_blocked_seconds 3.2, bound 0.5).\n',
    );
    assert.deepEqual({ code, error }, { code: 1, error: '' });
  });

  it('says at most three sentences and shows everything as JSON', async () => {
    const body = exposition(
      ...['a', 'b', 'c', 'd\u009b2J'].map((name) => `loopsight_queue_oldest_age_seconds{queue_name="${name}"} 20`),
    );
    const host = await serve(text(body));
    const [plain, json] = await Promise.all([
      loopsightHere('status', host, '--interval', '0'),
      loopsight('status', host, '--interval', '0', '--json'),
    ]);
    assert.equal(plain.out.trim().split('\n').length, 3);
    const result = JSON.parse(json.out);
    assert.equal(json.code, 1);
    assert.deepEqual(Object.keys(result), ['url', 'elapsedS', 'wrong', 'summary', 'problems']);
    assert.equal(result.url, `http://${host}/metrics`);
    assert.equal(result.elapsedS, null);
    assert.equal(result.wrong, true);
    assert.equal(result.summary.length, 3);
    assert.equal(result.problems.length, 4);
    assert.deepEqual(Object.keys(result.problems[0]).sort(), [
      'bound',
      'labels',
      'metric',
      'period',
      'rule',
      'sentence',
      'severity',
      'subject',
      'value',
    ]);
    assert.equal(result.problems[3].labels.queue_name, 'd\u009b2J');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is in the output is what is tested.
    assert.doesNotMatch(json.out, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });

  it('judges what happened between two scrapes', async () => {
    let scrapes = 0;
    const host = await serve((request, response) => {
      scrapes++;
      const lines = ['loopsight_queue_depth{queue_name="mail"} ', 'process_uptime_seconds '];
      text(exposition(`${lines[0]}${scrapes * 1000}`, `${lines[1]}${scrapes}`))(request, response);
    });
    const { code, out } = await loopsight('status', host, '--interval', '0.2');
    assert.equal(scrapes, 2);
    assert.equal(code, 1);
    assert.match(out, /^2,000 tasks wait in queue mail, 1,000 tasks more than \d+ (?:ms|s) ago/);
  });

  const unreadable: readonly (readonly [name: string, listener: RequestListener, sentence: RegExp])[] = [
    ['HTML', text('<!doctype html><p>hello', 'text/html'), /answered with HTML, not with metrics\.$/],
    ['HTML that calls itself text', text('\n <html></html>'), /answered with HTML, not with metrics\.$/],
    ['an empty answer', text(''), /answered with nothing\.$/],
    ['JSON', text('{"a":1}\n'), /did not answer with metrics: line 1 .*\.$/],
    ["another's metrics", text('up 1\n'), /has metrics, but none of Loopsight\.$/],
    [
      'only metrics that tell nothing',
      text('loopsight_self_snapshot_age_seconds 1\n'),
      /no metric of Loopsight that could be judged\.$/,
    ],
    ['a line cut short', text(exposition().slice(0, -3)), /ends in the middle of a line\.$/],
    ['status 500', (_, response) => response.writeHead(500).end(exposition()), /answered with status 500\.$/],
    [
      'half an answer',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100000' });
        response.write(exposition(), () => response.destroy());
      },
      /broke off after \d+ bytes\.$/,
    ],
    [
      'a redirect to elsewhere',
      (_, response) => response.writeHead(302, { location: 'http://user:secret@127.0.0.2:1/%1b' }).end(),
      /redirects to http:\/\/127\.0\.0\.2:1\/\S*, which is not followed\.$/,
    ],
  ];
  for (const [name, listener, sentence] of unreadable) {
    it(`cannot read ${name}: one sentence and exit code 3`, async () => {
      const { code, out, error } = await loopsightHere('status', await serve(listener), '--interval', '0', '--json');
      assert.match(error.trimEnd(), sentence);
      assert.equal(error.trimEnd().split('\n').length, 1);
      assert.deepEqual({ code, out }, { code: 3, out: '' });
    });
  }

  it('ends with exit code 3 or 2 as a process', async () => {
    const [html, stauts] = await Promise.all([
      loopsight('status', await serve(text('<p>')), '--interval', '0'),
      loopsight('stauts'),
    ]);
    assert.deepEqual([html.code, stauts.code, html.out, stauts.out], [3, 2, '', '']);
  });

  it('colours for a terminal', async () => {
    const { streams, written } = keeping(true);
    await runCommand(['status', await serve(text(BLOCKED)), '--interval', '0'], streams);
    assert.ok(written.out.startsWith('\u001b[31mThe loop of '));
    assert.ok(written.out.endsWith('\u001b[39m\n'));
  });

  it('says that nothing listens', async () => {
    const host = await serve(text(''));
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const { code, error } = await loopsightHere('status', host);
    assert.equal(error, `http://${host}/metrics could not be reached: nothing listens there.\n`);
    assert.equal(code, 3);
  });

  const usage: readonly (readonly [argv: readonly string[], sentence: RegExp])[] = [
    [['stauts'], /^There is no command "stauts"; see loopsight --help\.$/],
    [['--verbose'], /^There is no option "--verbose"; see loopsight --help\.$/],
    [['status', '--interval', 'soon'], /^Expected `--interval` to be a number of seconds from 0 to 3600, got "soon"; /],
    [['status', '--interval', '-1'], /--interval/],
    [['status', 'ftp://host/'], /^Expected an http URL or host:port, got "ftp:\/\/host\/"; /],
    [['status', 'http://me:s3/cr@t@host:99999'], /^Expected an http URL or host:port, got "http:\/\/host:99999"; /],
    [['status', 'a', 'b'], /^Expected at most one url, got 2; /],
    [['status', '--jsno'], /--jsno/],
  ];
  for (const [argv, sentence] of usage) {
    it(`meets loopsight ${argv.join(' ')} with a sentence and exit code 2`, async () => {
      const { code, out, error } = await loopsightHere(...argv);
      assert.match(error.trimEnd(), sentence);
      assert.equal(error.trimEnd().split('\n').length, 1);
      assert.deepEqual({ code, out }, { code: 2, out: '' });
    });
  }

  it('helps', async () => {
    const [bare, help, version, status] = await Promise.all(
      [[], ['--help'], ['--version'], ['status', '--help']].map((argv) => loopsightHere(...argv)),
    );
    for (const outcome of [bare, help, version, status]) assert.equal(outcome?.code, 0);
    assert.equal(bare?.out, help?.out);
    assert.match(version?.out ?? '', /^\d+\.\d+\.\d+\n$/);
    assert.equal(status?.out.match(/^ {2}loopsight status/gm)?.length, 2);
  });

  it('ends at once on Ctrl-C', async () => {
    const host = await serve(text(exposition()));
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'status', host, '--interval', '60'], {
      stdio: 'ignore',
    });
    try {
      const server = servers.at(-1);
      await new Promise((resolve) => server?.once('request', resolve));
      const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
      child.kill('SIGINT');
      assert.deepEqual(await exited, { code: 130, signal: null });
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('fetchMetrics', () => {
  const fails = async (host: string, limits: { timeoutMs?: number; maximumBytes?: number }, sentence: RegExp) => {
    await assert.rejects(fetchMetrics(metricsUrl(host), limits), (error) => {
      assert.ok(error instanceof UnreadableData);
      assert.match(error.message, sentence);
      return true;
    });
  };

  it('gives up on a server that does not answer', async () => {
    await fails(await serve(() => {}), { timeoutMs: 100 }, /did not answer within 100 ms\.$/);
  });

  it('gives up on a server that never ends', async () => {
    const host = await serve((_, response) => void response.write('loopsight_workers 1\n'));
    await fails(host, { timeoutMs: 200 }, /did not answer within 200 ms\.$/);
  });

  it('gives up on an answer that is too large, without reading all of it', async () => {
    let written = 0;
    const host = await serve((_, response) => {
      const more = () => {
        if (!response.destroyed)
          response.write('x'.repeat(65536), () => {
            written++;
            setImmediate(more);
          });
      };
      more();
    });
    await fails(host, { maximumBytes: 1024 * 1024 }, /answered with more than 1 MiB\.$/);
    assert.ok(written < 1000);
  });

  it('reads an answer that is compressed', async () => {
    const host = await serve((request, response) => {
      assert.equal(request.headers['accept-encoding'], 'gzip');
      assert.match(request.headers.accept ?? '', /^text\/plain;version=0\.0\.4/);
      response.writeHead(200, { 'content-encoding': 'GZIP' }).end(gzipSync('a 1\n'));
    });
    assert.equal(await fetchMetrics(metricsUrl(host)), 'a 1\n');
  });

  it('follows a redirect on the same host, and only so many', async () => {
    const host = await serve((request, response) => {
      if (request.url === '/real') response.end('a 1\n');
      else response.writeHead(301, { location: request.url === '/metrics' ? '/real' : '/loop' }).end();
    });
    assert.equal(await fetchMetrics(metricsUrl(host)), 'a 1\n');
    await fails(`${host}/loop`, {}, /which is not followed\.$/);
  });

  it('leaves passwords out of its sentences', async () => {
    await fails(`http://me:secret@${await serve(text(''))}`, {}, /^http:\/\/127\.0\.0\.1:\d+\/metrics answered/);
  });
});

describe('metricsUrl', () => {
  const urls = [
    ['9464', 'http://127.0.0.1:9464/metrics'],
    [':9999', 'http://127.0.0.1:9999/metrics'],
    ['localhost:9999', 'http://localhost:9999/metrics'],
    ['shop.internal', 'http://shop.internal:9464/metrics'],
    ['[::1]:9999', 'http://[::1]:9999/metrics'],
    ['host:80', 'http://host/metrics'],
    ['host:1/custom', 'http://host:1/custom'],
    ['http://host', 'http://host/metrics'],
    ['https://host/app/metrics?x=1', 'https://host/app/metrics?x=1'],
  ] as const;
  for (const [given, expected] of urls) it(given, () => assert.equal(metricsUrl(given).href, expected));

  for (const given of ['', 'a b', 'file:///etc/passwd', 'host:99999']) {
    it(`refuses "${given}"`, () => assert.throws(() => metricsUrl(given), TypeError));
  }
});

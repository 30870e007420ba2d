// `/debug/pprof/profile`: off unless it is asked for, for nobody without credentials, and one profile at a time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { registerFiles, root, runNode } from '../support/run-node.js';

const TOKEN = 'token-of-this-test-and-no-other-0123456789';
const ON = { LOOPSIGHT_PROFILE_ENDPOINT: 'on' };
const SENTENCE = /LOOPSIGHT_PROFILE_ENDPOINT.*only where the endpoint asks for credentials/s;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

interface Served {
  ask(path: string, token?: string, more?: Readonly<Record<string, string>>): Promise<Answer>;
  end(): Promise<void>;
}

async function serve(env: Readonly<Record<string, string>>): Promise<Served> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(
    process.execPath,
    ['--import', registerFiles.import, join(root, 'test/profiling/programs/burning.mjs')],
    {
      cwd: root,
      env: { PATH, HOME, OTEL_EXPORTER_PROMETHEUS_PORT: '0', LOOPSIGHT_SOCKET: 'off', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { origin } = new URL(line);
  return {
    ask(path, token = TOKEN, more = {}) {
      const headers = { ...(token === '' ? {} : { Authorization: `Bearer ${token}` }), ...more };
      return new Promise((resolve, reject) => {
        get(`${origin}${path}`, { headers, agent: false }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              type: response.headers['content-type'] ?? '',
              body: Buffer.concat(chunks),
            }),
          );
        }).on('error', reject);
      });
    },
    async end() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

describe('the endpoint of profiles', () => {
  let served: Served;
  before(async () => {
    served = await serve({ ...ON, LOOPSIGHT_TOKEN: TOKEN });
  });
  after(() => served.end());

  test('gives a profile that pprof reads, one at a time', async () => {
    const first = served.ask('/debug/pprof/profile?seconds=1');
    // Asked after it on another connection; which one comes first is not known.
    const both = await Promise.all([first, served.ask('/debug/pprof/profile?seconds=1')]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 503]);
    const taken = both.find(({ status }) => status === 200);
    assert.equal(taken?.type, 'application/octet-stream');
    const profile = Profile.decode(gunzipSync(taken?.body ?? Buffer.alloc(0)));
    const names = profile.function.map(({ name }) => profile.stringTable.strings[Number(name)]);
    assert.ok(names.includes('burnForProfile'), names.join());
    assert.equal((await served.ask('/debug/pprof/profile?seconds=1')).status, 200);
  });

  test('asks for credentials', async () => {
    assert.equal((await served.ask('/debug/pprof/profile?seconds=1', '')).status, 401);
    assert.equal((await served.ask('/debug/pprof/profile?seconds=1', 'another')).status, 401);
  });

  test('is nothing that a page of another site may lead a signed-in browser to', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    assert.equal((await served.ask('/debug/pprof/profile?seconds=1', TOKEN, headers)).status, 403);
  });

  for (const query of ['seconds=0', 'seconds=61', 'seconds=1e3', 'seconds=', 'seconds=-1', 'seconds=1&threads=x']) {
    test(`refuses ${query}`, async () => {
      assert.equal((await served.ask(`/debug/pprof/profile?${query}`)).status, 400);
    });
  }
});

test('it is not there unless it is asked for', async () => {
  const served = await serve({ LOOPSIGHT_TOKEN: TOKEN });
  try {
    assert.equal((await served.ask('/debug/pprof/profile?seconds=1')).status, 404);
  } finally {
    await served.end();
  }
});

test('it is no endpoint without credentials: the program does not start', async () => {
  const { code, stderr } = await runNode(['--import', registerFiles.import, '-e', ''], { env: ON });
  assert.notEqual(code, 0);
  assert.match(stderr, SENTENCE);
  const off = await runNode(['--import', registerFiles.import, '-e', ''], {
    env: { ...ON, OTEL_METRICS_EXPORTER: 'none' },
  });
  assert.equal(off.code, 0);
});

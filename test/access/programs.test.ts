// Programs as their users start them: rules of access from variables, in the observer thread and without it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ensurePackages } from '../support/installing.js';
import { startInstrumented } from '../support/instrumented.js';
import { registerFiles, root, runNode, withoutStalls } from '../support/run-node.js';
import { issue, makeAuthority, noOpenssl, type Pair } from './certificates.js';

const installed = join(root, 'test/access/packages');
const missing = await ensurePackages(installed);
const folder = mkdtempSync(join(tmpdir(), 'loopsight-programs-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const SECRET = 'hunter2-is-not-shown';

// Asks its own endpoint with each of the headers that it is given, and prints the statuses.
const PROGRAM = `
const { get } = await import('node:https');
const { get: getPlain } = await import('node:http');
const { current } = await import(${JSON.stringify(join(root, 'dist/esm/src/index.js'))});
const { url } = await current().endpoint;
const ask = (path, authorization) => new Promise((resolve) => {
  const options = { ca: process.env.TEST_CA, agent: false, headers: authorization === '' ? {} : { authorization } };
  const request = (url.startsWith('https:') ? get : getPlain)(new URL(path, url), options, (response) => {
    response.resume().on('end', () => resolve(response.statusCode));
  });
  request.on('error', (error) => resolve(error.code));
});
const statuses = [];
for (const authorization of JSON.parse(process.env.TEST_SHOWN)) statuses.push(await ask('/metrics', authorization));
statuses.push(await ask('/livez', ''));
console.log(url.split(':')[0], ...statuses);
`;

const program = join(folder, 'program.mjs');
writeFileSync(program, PROGRAM);
// Where an application with the packages would be.
const programBesidePackages = join(installed, 'node_modules/program.mjs');
if (missing === undefined) writeFileSync(programBesidePackages, PROGRAM);

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

async function run(
  flag: 'import' | 'require',
  env: Readonly<Record<string, string>>,
  shown: readonly string[],
  file = program,
) {
  return runNode([`--${flag}`, registerFiles[flag], file], {
    env: { ...env, TEST_SHOWN: JSON.stringify(shown) },
    cwd: folder,
  });
}

let authority: Pair;
let server: Pair;
let ca = '';
before(() => {
  writeFileSync(join(folder, 'token'), `${SECRET}\n`);
  if (noOpenssl !== false) return;
  authority = makeAuthority(folder, 'authority');
  server = issue(folder, authority, 'server', 'IP:127.0.0.1');
  ca = readFileSync(authority.cert, 'utf8');
});

for (const [title, observer, flag] of [
  ['the observer thread', 'on', 'import'],
  ['the observer thread, CommonJS', 'on', 'require'],
  ['the main thread', 'off', 'import'],
] as const) {
  describe(`served by ${title}`, { concurrency: 2 }, () => {
    test('a token from a file whose path is relative', async () => {
      const env = { LOOPSIGHT_OBSERVER: observer, LOOPSIGHT_TOKEN_FILE: 'token' };
      const { stdout, stderr } = await run(flag, env, ['', 'Bearer wrong', `Bearer ${SECRET}`]);
      assert.deepEqual([stdout, withoutStalls(stderr)], ['http 401 401 200 200\n', '']);
    });

    test('a certificate, a name and a password', { skip: noOpenssl }, async () => {
      const env = {
        LOOPSIGHT_OBSERVER: observer,
        LOOPSIGHT_USERNAME: 'prometheus',
        LOOPSIGHT_PASSWORD: SECRET,
        LOOPSIGHT_TLS_CERT_FILE: server.cert,
        LOOPSIGHT_TLS_KEY_FILE: server.key,
        TEST_CA: ca,
      };
      const { stdout, stderr } = await run(flag, env, ['', basic('prometheus', 'x'), basic('prometheus', SECRET)]);
      assert.deepEqual([stdout, withoutStalls(stderr)], ['https 401 401 200 200\n', '']);
    });

    test('the web configuration file of an exporter', { skip: noOpenssl || missing }, async () => {
      const { hashSync } = createRequire(join(installed, 'package.json'))('bcryptjs') as {
        hashSync(text: string, cost: number): string;
      };
      const file = join(folder, 'web.yml');
      const tls = 'tls_server_config: { cert_file: server.crt, key_file: server.key }';
      writeFileSync(file, `${tls}\nbasic_auth_users: { alice: '${hashSync(SECRET, 8)}' }\n`);
      const env = { LOOPSIGHT_OBSERVER: observer, LOOPSIGHT_WEB_CONFIG_FILE: file, TEST_CA: ca };
      const shown = ['', basic('alice', SECRET), basic('alice', 'x')];
      const { stdout, stderr } = await run(flag, env, shown, programBesidePackages);
      assert.deepEqual([stdout, withoutStalls(stderr)], ['https 401 200 401 200\n', '']);
    });
  });
}

describe('the exporter for an SDK', { skip: missing }, () => {
  // What was built is imported by its path; the SDK is the repository's.
  const EXPORTER = `
    import { createServer } from 'node:http';
    import { MeterProvider } from '@opentelemetry/sdk-metrics';
    import { PrometheusExporter } from ${JSON.stringify(join(root, 'dist/esm/src/exporter.js'))};
    const exporter = new PrometheusExporter({ port: 0 });
    const provider = new MeterProvider({ readers: [exporter] });
    const mounted = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
    await new Promise((resolve) => mounted.listen(0, '127.0.0.1', resolve));
    const { url } = await exporter.endpoint;
    for (const address of [url, 'http://127.0.0.1:' + mounted.address().port]) {
      for (const token of ['wrong', '${SECRET}']) {
        console.log((await fetch(address, { headers: { authorization: 'Bearer ' + token } })).status);
      }
    }
    mounted.close();
    mounted.closeAllConnections();
    await provider.shutdown();
  `;
  for (const observer of ['on', 'off']) {
    test(`asks for the token of the environment, observer ${observer}`, async () => {
      const env = { LOOPSIGHT_OBSERVER: observer, LOOPSIGHT_TOKEN: SECRET };
      const { stdout, stderr } = await runNode(['--input-type=module', '--eval', EXPORTER], { env });
      assert.deepEqual([stdout, withoutStalls(stderr)], ['401\n200\n401\n200\n', '']);
    });
  }

  test('throws where a file cannot be read', async () => {
    const code = `
      import { PrometheusExporter } from ${JSON.stringify(join(root, 'dist/esm/src/exporter.js'))};
      try { new PrometheusExporter({ tokenFile: '/nowhere' }); } catch (error) { console.log(error.message); }
    `;
    const { stdout } = await runNode(['--input-type=module', '--eval', code]);
    assert.match(stdout, /^Expected `tokenFile` .*"\/nowhere" \(ENOENT\)\n$/);
  });
});

describe('what cannot be used ends the program at its start, with one line', () => {
  const cases: readonly [title: string, env: Readonly<Record<string, string>>, line: RegExp][] = [
    ['a missing file', { LOOPSIGHT_TOKEN_FILE: '/nowhere' }, /`LOOPSIGHT_TOKEN_FILE` .* got "\/nowhere" \(ENOENT\)/],
    ['a password without a name', { LOOPSIGHT_PASSWORD: SECRET }, /`LOOPSIGHT_PASSWORD` together with/],
    ['a variable that is set to nothing', { LOOPSIGHT_TOKEN: '' }, /`LOOPSIGHT_TOKEN` to have a value .* an empty one/],
    ['a secret of two lines', { LOOPSIGHT_TOKEN: `${SECRET}\n${SECRET}` }, /`LOOPSIGHT_TOKEN` .* not shown/],
  ];
  for (const [title, env, line] of cases) {
    test(title, async () => {
      const { code, stdout, stderr } = await run('import', env, []);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, line);
      assert.match(stderr, /^loopsight: Expected [^\n]*\n$/);
      assert.ok(!stderr.includes(SECRET));
    });
  }

  test('start() throws, and starts nothing', async () => {
    const code = `
      import { current, start } from ${JSON.stringify(join(root, 'dist/esm/src/index.js'))};
      try { start({ tokenFile: '/nowhere' }); } catch (error) { console.log(error instanceof TypeError, current()); }
    `;
    const { stdout } = await runNode(['--input-type=module', '--eval', code]);
    assert.equal(stdout, 'true undefined\n');
  });
});

test('the doctor shows that there are secrets, and not which', async () => {
  const cli = join(root, 'dist/esm/src/cli/main.js');
  const env = { LOOPSIGHT_USERNAME: 'a', LOOPSIGHT_PASSWORD: SECRET, LOOPSIGHT_TOKEN: SECRET };
  for (const args of [[], ['--', process.execPath, '-e', 'setTimeout(() => {}, 5000)']]) {
    const { stdout, stderr } = await runNode([cli, 'doctor', ...args], { env });
    if (args.length > 0) assert.match(stdout, /answers with \d+ metrics/);
    assert.match(stdout, /token\s+set \(not shown\)/);
    assert.ok(!`${stdout}${stderr}`.includes(SECRET), stdout);
  }
});

test('status shows the credentials that its variables have, and names them where it has none', async (t) => {
  const app = await startInstrumented<{ metrics: string }>('http-server.mjs', { LOOPSIGHT_TOKEN: SECRET });
  t.after(() => app[Symbol.asyncDispose]());
  const cli = join(root, 'dist/esm/src/cli/main.js');
  const status = (env: Readonly<Record<string, string>>, url = app.said.metrics) =>
    runNode([cli, 'status', url, '--interval', '0'], { env });
  assert.equal((await status({ LOOPSIGHT_TOKEN_FILE: join(folder, 'token') })).stderr, '');
  const refused = await status({});
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /asks for credentials: set LOOPSIGHT_TOKEN_FILE/);
  const wrong = await status({ LOOPSIGHT_TOKEN_FILE: '/nowhere' });
  assert.match(wrong.stderr, /`LOOPSIGHT_TOKEN_FILE` .*"\/nowhere" \(ENOENT\)/);
});

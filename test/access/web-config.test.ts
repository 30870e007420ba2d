// The web configuration file of Prometheus' exporters: what it says is done, and what it cannot mean here is refused by file and key.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { alternativeNames } from '../../src/access/client-names.js';
import { createComparer } from '../../src/access/credentials.js';
import { createHashedPasswords } from '../../src/access/hashed-passwords.js';
import { loadRules } from '../../src/access/load-rules.js';
import { accessSettings } from '../../src/access/settings.js';
import { startServer } from '../../src/prometheus/server.js';
import { requireTool } from '../support/external-tools.js';
import { ensurePackages } from '../support/installing.js';
import { root } from '../support/run-node.js';
import { issue, makeAuthority, noOpenssl, type Pair } from './certificates.js';
import { ask, basic, type Packages, serveWith, valuesOf } from './serve.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-web-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const installed = join(root, 'test/access/packages');
const missing = await ensurePackages(installed);
const require = createRequire(join(installed, 'package.json'));
const packages: Packages = {
  yaml: createRequire(join(root, 'package.json')).resolve('yaml'),
  bcryptjs: missing === undefined ? require.resolve('bcryptjs') : undefined,
};

// "correct horse", of cost 4.
const HASH =
  missing === undefined
    ? (require('bcryptjs') as { hashSync(text: string, cost: number): string }).hashSync('correct horse', 4)
    : '';

let count = 0;
function config(text: string): string {
  const path = join(folder, `web-${count++}.yml`);
  writeFileSync(path, text);
  return path;
}

function load(webConfigFile: string, found: Packages = packages) {
  const settings = accessSettings(valuesOf({ webConfigFile }), { given: { webConfigFile } });
  assert.ok(settings);
  return loadRules({ ...settings, packages: found });
}

describe('a file that cannot be used', () => {
  const cases: readonly [title: string, text: string, message: RegExp][] = [
    ['no YAML', 'a: [', /`webConfigFile` to name a file in YAML, got ".*\.yml" \(.* in line 1\)/],
    ['a list', '- a', /a mapping in the file ".*" of `webConfigFile`, got a list/],
    [
      'an unknown section',
      'tls_server_confg: {}',
      /known keys in the file ".*", got `tls_server_confg`|got `tls_server_confg`/,
    ],
    ['an unknown key', 'tls_server_config: { certfile: x }', /got `tls_server_config.certfile`/],
    ['a section of another kind', 'tls_server_config: on', /`tls_server_config` to be a mapping/],
    ['a certificate without a key', 'tls_server_config: { cert: x }', /`tls_server_config.key_file`.* to be there/],
    ['a key without a certificate', 'tls_server_config: { key: x }', /`tls_server_config.cert_file`.* to be there/],
    [
      'a certificate twice',
      'tls_server_config: { cert: x, cert_file: y, key: z }',
      /`tls_server_config.cert`.*absent beside cert_file/,
    ],
    [
      'a certificate file that is missing',
      'tls_server_config: { cert_file: nowhere.crt, key: x }',
      /cert_file.*"\/.*nowhere.crt" \(ENOENT\)/,
    ],
    [
      'a certificate that is none',
      'tls_server_config: { cert: x, key: y }',
      /`tls_server_config.cert`.* certificate in PEM/,
    ],
    [
      'a policy that protects nothing',
      'tls_server_config: { cert: x, key: y, client_auth_type: RequestClientCert }',
      /client_auth_type.*got "RequestClientCert"/,
    ],
    [
      'a policy without certificates',
      'tls_server_config: { cert: x, key: y, client_auth_type: RequireAndVerifyClientCert }',
      /client_ca_file.* without one/,
    ],
    [
      'names without a policy',
      'tls_server_config: { cert: x, key: y, client_allowed_sans: [a] }',
      /client_allowed_sans/,
    ],
    ['an unknown version', 'tls_server_config: { cert: x, key: y, min_version: SSL3 }', /min_version.*"SSL3"/],
    [
      'versions in which nobody can connect',
      'tls_server_config: { cert: x, key: y, min_version: TLS13, max_version: TLS12 }',
      /max_version.* to be at least min_version \(TLSv1\.3\), got TLSv1\.2/,
    ],
    [
      'an unknown suite',
      'tls_server_config: { cert: x, key: y, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA] }',
      /cipher_suites.*"TLS_RSA_WITH_RC4_128_SHA"/,
    ],
    ['an unknown curve', 'tls_server_config: { cert: x, key: y, curve_preferences: [P1] }', /curve_preferences.*"P1"/],
    [
      'a header that may not be set',
      'http_server_config: { headers: { Set-Cookie: a } }',
      /got `http_server_config.headers.Set-Cookie`/,
    ],
    [
      'a header with another value',
      'http_server_config: { headers: { X-Frame-Options: x } }',
      /X-Frame-Options.* to be deny or sameorigin, got "x"/,
    ],
    [
      'a header of two lines',
      'http_server_config: { headers: { X-XSS-Protection: "a\\r\\nb: c" } }',
      /a text of one line/,
    ],
    [
      'a password in the clear',
      'basic_auth_users: { alice: hunter2 }',
      /`basic_auth_users.alice`.* a bcrypt hash of cost 4 to 15, got something else/,
    ],
    [
      'a hash that takes for ever',
      `basic_auth_users: { alice: "${HASH.replace('$04$', '$31$')}" }`,
      /got one of cost 31/,
    ],
    ['a rate without a burst', 'rate_limit: { interval: 1s }', /`rate_limit.burst`.* at least 1/],
    ['an interval that is none', 'rate_limit: { interval: fast, burst: 1 }', /`rate_limit.interval`.*"fast"/],
  ];
  for (const [title, text, message] of cases) {
    test(`${title} is refused`, { skip: missing }, () => {
      assert.throws(
        () => load(config(text)),
        (error) => {
          assert.ok(error instanceof TypeError, String(error));
          assert.match(error.message, message);
          assert.match(error.message, /web-\d+\.yml/);
          assert.doesNotMatch(error.message, /hunter2|\$2/);
          return true;
        },
      );
    });
  }

  test('an alias bomb is refused at once', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) =>
        `l${i}: &l${i} [${Array(9)
          .fill(i === 0 ? 'x' : `*l${i - 1}`)
          .join()}]`,
    );
    assert.throws(() => load(config(levels.join('\n'))), /`webConfigFile` to name a file in YAML/);
  });

  test('packages that are not installed are named', () => {
    const none = { yaml: undefined, bcryptjs: undefined };
    assert.throws(
      () => load(config('{}'), none),
      /the package yaml to be installed for `webConfigFile` \(npm install yaml\)/,
    );
    const users = config(`basic_auth_users: { alice: "${HASH}" }`);
    assert.throws(() => load(users, { ...none, yaml: packages.yaml }), /the package bcryptjs to be installed/);
  });

  test('an empty file is no rules at all', () => {
    const { rules } = load(config(''));
    assert.deepEqual([rules.tls, rules.hashes, rules.headers, rules.rateLimit], [undefined, [], {}, undefined]);
  });
});

describe('what the file says is done', { skip: missing ?? noOpenssl }, () => {
  let authority: Pair;
  let ca = '';
  let client: Pair;
  before(() => {
    authority = makeAuthority(folder, 'authority');
    issue(folder, authority, 'server', 'DNS:localhost,IP:127.0.0.1');
    client = issue(folder, authority, 'client', 'DNS:prometheus.example,URI:spiffe://example/prometheus');
    ca = readFileSync(authority.cert, 'utf8');
  });

  test('certificate, passwords and headers', async (t) => {
    const webConfigFile = config(`
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  min_version: TLS13
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: false
  headers:
    Strict-Transport-Security: max-age=3600
    X-Frame-Options: deny
basic_auth_users:
  alice: "${HASH}"
`);
    const { server } = await serveWith(t, { webConfigFile }, { packages });
    const answer = await ask(server, '/metrics', basic('alice', 'correct horse'), { ca });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['strict-transport-security'], 'max-age=3600');
    assert.equal(answer.headers['x-frame-options'], 'deny');
    await assert.rejects(ask(server, '/metrics', {}, { ca, maxVersion: 'TLSv1.2' }));
    const refused = await ask(server, '/metrics', {}, { ca });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers['x-frame-options'], 'deny');
  });

  test('names of clients: one of them must be in the certificate', async (t) => {
    for (const [name, status] of [
      ['spiffe://example/prometheus', 200],
      ['prometheus.example', 200],
      ['example/prometheus', 403],
      ['prometheus', 403],
    ] as const) {
      const webConfigFile = config(`
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: authority.crt
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: ["${name}"]
`);
      const { server, guard } = await serveWith(t, { webConfigFile }, { packages });
      const shown = { ca, cert: readFileSync(client.cert), key: readFileSync(client.key) };
      assert.equal((await ask(server, '/metrics', {}, shown)).status, status, name);
      await assert.rejects(ask(server, '/metrics', {}, { ca }));
      // In a server of the application's own, plain or not as strict, nothing tells who the client is.
      const plain = await startServer({
        host: '127.0.0.1',
        port: 0,
        collect: async () => '',
        onError: () => {},
        guard: { ...guard, tls: undefined, headers: {}, isOpen: false },
      });
      t.after(() => plain.close());
      assert.equal((await ask(plain, '/metrics')).status, 403);
    }
  });

  test('TLS does not go away while it is served', async (t) => {
    const webConfigFile = config('tls_server_config: { cert_file: server.crt, key_file: server.key }');
    const { server, pass, said } = await serveWith(t, { webConfigFile }, { packages });
    writeFileSync(webConfigFile, '');
    pass(11_000);
    assert.equal((await ask(server, '/metrics', {}, { ca })).status, 200);
    assert.match(said[0] ?? '', /Expected TLS to stay on or off/);
  });

  test('a file that only the new rules name is looked at until it is right', async (t) => {
    const webConfigFile = config('basic_auth_users: {}');
    const { server, pass, said } = await serveWith(t, { webConfigFile }, { packages });
    const status = async () => {
      pass(11_000);
      return (await ask(server, '/metrics', {}, { ca })).status;
    };
    const tls = config('tls_server_config: { cert_file: late.crt, key_file: server.key }\nhttp_server_config: {}');
    writeFileSync(webConfigFile, readFileSync(tls));
    assert.equal(await status(), 200);
    assert.match(said[0] ?? '', /late.crt/);
    writeFileSync(join(folder, 'late.crt'), readFileSync(join(folder, 'server.crt')));
    assert.equal(await status(), 200);
    // It can be read now, and found to be what cannot be switched.
    assert.match(said[1] ?? '', /Expected TLS to stay on or off/);
  });

  test('promtool finds it right as well', (t) => {
    if (!requireTool(t, 'promtool', 'prometheus')) return;
    const file = config(`
tls_server_config: { cert_file: server.crt, key_file: server.key, min_version: TLS12, curve_preferences: [X25519] }
http_server_config: { http2: true, headers: { X-Content-Type-Options: nosniff } }
basic_auth_users: { alice: "${HASH}" }
`);
    assert.equal(load(file).rules.hashes.length, 1);
    const { status, stderr } = spawnSync('promtool', ['check', 'web-config', file], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  test('a rate limit lets the burst through and then 429', async (t) => {
    const webConfigFile = config('rate_limit: { interval: 1h, burst: 2 }');
    const { server, pass } = await serveWith(t, { webConfigFile }, { packages });
    const status = async () => (await ask(server, '/metrics')).status;
    assert.deepEqual([await status(), await status(), await status()], [200, 200, 429]);
    assert.equal((await ask(server, '/livez')).status, 200);
    pass(3_600_000);
    assert.equal(await status(), 200);
  });
});

describe('hashed passwords', () => {
  const users = [{ user: 'alice', secret: 'hash of right' }];
  function passwords(costMs = 0) {
    let nowMs = 0;
    const compared: string[] = [];
    const hashed = createHashedPasswords({
      users,
      comparer: createComparer(),
      now: () => nowMs,
      compare: async (password, hash) => {
        compared.push(`${password} ${hash}`);
        nowMs += costMs;
        return hash === `hash of ${password}`;
      },
    });
    return { hashed, compared, pass: (ms: number) => (nowMs += ms) };
  }

  test('a right password is hashed once, however often it is shown', async () => {
    const { hashed, compared } = passwords();
    const verdicts = await Promise.all([1, 2, 3].map(() => hashed.verify('alice', 'right', 'a')));
    assert.deepEqual(verdicts, ['right', 'right', 'right']);
    assert.equal(await hashed.verify('alice', 'right', 'b'), 'right');
    assert.equal(compared.length, 1);
  });

  test('a wrong one is hashed once as well, and a name that is unknown like one that is known', async () => {
    const { hashed, compared } = passwords();
    assert.equal(await hashed.verify('alice', 'wrong', 'a'), 'wrong');
    assert.equal(await hashed.verify('alice', 'wrong', 'a'), 'wrong');
    assert.equal(await hashed.verify('bob', 'right', 'b'), 'wrong');
    assert.deepEqual(compared, ['wrong hash of right', 'right hash of right']);
  });

  test('an address that guesses has to wait, and keeps nobody else from being let in', async () => {
    const { hashed, compared, pass } = passwords();
    assert.equal(await hashed.verify('alice', 'guess', 'attacker'), 'wrong');
    for (let i = 0; i < 1000; i++) assert.equal(await hashed.verify('alice', `guess ${i}`, 'attacker'), 'later');
    assert.equal(compared.length, 1);
    assert.equal(await hashed.verify('alice', 'right', 'prometheus'), 'right');
    assert.equal(await hashed.verify('alice', 'right', 'attacker'), 'right', 'what is known to be right is let in');
    pass(2_001);
    assert.equal(await hashed.verify('alice', 'another guess', 'attacker'), 'wrong');
  });

  test('a guess is paid for with four times its own time, in which a password that is known is let in', async () => {
    const { hashed, compared, pass } = passwords(3_000);
    assert.equal(await hashed.verify('alice', 'right', 'prometheus'), 'right');
    assert.equal(await hashed.verify('alice', 'guess', 'a'), 'wrong');
    assert.equal(await hashed.verify('alice', 'guess 2', 'b'), 'later');
    pass(11_999);
    assert.equal(await hashed.verify('alice', 'guess 2', 'b'), 'later');
    assert.equal(await hashed.verify('alice', 'right', 'b'), 'right');
    pass(2);
    assert.equal(await hashed.verify('alice', 'guess 2', 'b'), 'wrong');
    assert.equal(compared.length, 3);
  });

  test('guesses from many addresses are bounded in number per second', async () => {
    const { hashed, compared, pass } = passwords();
    const guess = async (round: number) => {
      for (let i = 0; i < 100; i++) await hashed.verify('alice', `guess ${round} ${i}`, `address ${round} ${i}`);
    };
    await guess(0);
    assert.equal(compared.length, 4);
    pass(1_000);
    await guess(1);
    assert.equal(compared.length, 6);
  });
});

test('names in certificates: each without its kind, and nothing of a text that is not understood', () => {
  const cases: readonly [string, readonly string[] | undefined][] = [
    ['DNS:a.example, IP Address:127.0.0.1', ['a.example', '127.0.0.1']],
    ['URI:spiffe://a/b, email:a@b.example', ['spiffe://a/b', 'a@b.example']],
    ['DNS:"a.example\\u002c DNS:b.example"', ['a.example, DNS:b.example']],
    ['DirName:"x", DNS:a', ['a']],
    ['DNS:a" DNS:b', undefined],
    ['', []],
  ];
  for (const [text, names] of cases) assert.deepEqual(alternativeNames(text), names, text);
});

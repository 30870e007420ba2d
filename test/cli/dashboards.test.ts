// `loopsight dashboards`: files that Grafana's provisioning loads, and saving by Grafana's API. No Grafana runs here: the
// server follows its documentation.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { METRIC_SETS } from '../../grafana/sets.js';
import { grafanaUrl } from '../../src/grafana/base-url.js';
import { VERSION } from '../../src/version.js';
import { issue, makeAuthority, noOpenssl } from '../access/certificates.js';
import { startGrafana } from '../support/grafana.js';
import { root } from '../support/instrumented.js';
import { runHere, serve } from '../support/run-here.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-dashboards-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const UIDS = ['deploys', 'functions', 'overview', 'queues', 'service-level', 'stalls'];
const VARIABLES = ['TOKEN', 'TOKEN_FILE', 'USERNAME', 'PASSWORD', 'URL'].map((name) => `LOOPSIGHT_GRAFANA_${name}`);
afterEach(() => {
  for (const name of VARIABLES) delete process.env[name];
});

const push = (url: string, ...more: readonly string[]) => runHere('dashboards', 'push', '--grafana', url, ...more);

describe('loopsight dashboards export', () => {
  for (const set of Object.values(METRIC_SETS)) {
    it(`writes every dashboard of ${set.id}, as it is in the repository`, async () => {
      const target = join(folder, 'new', set.id);
      const { code, out, error } = await runHere('dashboards', 'export', target, '--set', set.id);
      assert.equal(code, 0, error);
      const names = readdirSync(target).sort();
      assert.deepEqual(
        out.trim().split('\n'),
        names.map((name) => join(target, name)),
      );
      assert.deepEqual(
        names,
        UIDS.map((name) => `${name}.json`),
      );
      for (const name of names) {
        const text = readFileSync(join(target, name), 'utf8');
        const committed = readFileSync(join(root, 'grafana/dashboards', set.id, name), 'utf8');
        assert.deepEqual(JSON.parse(text), JSON.parse(committed), name);
        // Readable, so that a change of version can be reviewed.
        assert.ok(text.startsWith('{\n  "') && text.endsWith('}\n'), name);
      }
    });
  }

  it('writes over what it wrote before, and touches nothing else', async () => {
    const target = join(folder, 'again');
    mkdirSync(target);
    writeFileSync(join(target, 'mine.json'), '{}');
    writeFileSync(join(target, 'overview.json'), 'old');
    const { code } = await runHere('dashboards', 'export', target);
    assert.equal(code, 0);
    assert.equal(readFileSync(join(target, 'mine.json'), 'utf8'), '{}');
    assert.equal(JSON.parse(readFileSync(join(target, 'overview.json'), 'utf8')).uid, 'loopsight-overview');
    assert.equal(readdirSync(target).length, UIDS.length + 1);
  });

  it('says in one sentence why it could not write', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, error } = await runHere('dashboards', 'export', join(file, 'below'));
    assert.equal(code, 3);
    assert.match(error, /^\/.*below could not be written: ENOTDIR: not a directory\.\n$/);
    const target = join(folder, 'taken');
    mkdirSync(join(target, 'overview.json'), { recursive: true });
    const taken = await runHere('dashboards', 'export', target);
    assert.equal(taken.code, 3);
    assert.match(taken.error, /overview\.json could not be written: EISDIR: illegal operation on a directory\.\n$/);
    assert.deepEqual(readdirSync(target), ['deploys.json', 'functions.json', 'overview.json']);
  });
});

describe('loopsight dashboards push', () => {
  it('makes the folder once, and saves every dashboard there, in the place of the last version', async () => {
    await using grafana = await startGrafana();
    const first = await push(grafana.url);
    assert.equal(first.code, 0, first.error);
    assert.deepEqual(grafana.folders, [{ uid: 'f1', title: 'Loopsight' }]);
    assert.equal(first.out, UIDS.map((name) => `${grafana.url}/d/loopsight-${name}\n`).join(''));
    const again = await push(grafana.url);
    assert.deepEqual(again, first);
    assert.equal(grafana.folders.length, 1);
    assert.equal(grafana.dashboards.size, UIDS.length);
    for (const { uid, folderUid, version, message, dashboard } of grafana.dashboards.values()) {
      assert.deepEqual([folderUid, version, message], ['f1', 2, `loopsight ${VERSION}`], uid);
      assert.equal(dashboard.id, null);
      const name = uid.slice('loopsight-'.length);
      const committed = readFileSync(join(root, `grafana/dashboards/loopsight/${name}.json`), 'utf8');
      assert.deepEqual({ ...dashboard, id: undefined }, { ...JSON.parse(committed), id: undefined }, uid);
    }
  });

  it('keeps the sets apart, so that all can be in one Grafana', async () => {
    await using grafana = await startGrafana();
    for (const set of Object.keys(METRIC_SETS)) assert.equal((await push(grafana.url, '--set', set)).code, 0);
    assert.equal(grafana.dashboards.size, UIDS.length * 3);
    assert.equal(grafana.folders.length, 1);
  });

  it('takes a folder by its title, its uid, beyond the first page, or none', async () => {
    const many = Array.from({ length: 1001 }, (_, at) => ({ uid: `u${at}`, title: `Team ${at}` }));
    const nested = { uid: 'sub-1', title: 'Within another' };
    await using grafana = await startGrafana({ folders: many, nested });
    for (const [given, expected] of [
      ['Team 1000', 'u1000'],
      ['u7', 'u7'],
      ['sub-1', 'sub-1'],
      ['general', ''],
    ] as const) {
      assert.equal((await push(grafana.url, '--folder', given)).code, 0, given);
      const places = new Set([...grafana.dashboards.values()].map(({ folderUid }) => folderUid));
      assert.deepEqual([...places], [expected], given);
    }
    assert.equal(grafana.folders.length, many.length);
  });

  it('keeps the path prefix of the address', async () => {
    await using grafana = await startGrafana({ prefix: '/ops/grafana' });
    for (const url of [grafana.url, `${grafana.url}/`, `${grafana.url}/api`, grafana.url.replace('http://', '')]) {
      const { code, out, error } = await push(url);
      assert.equal(code, 0, error);
      assert.ok(out.startsWith(`${grafana.url}/d/loopsight-deploys\n`), out);
    }
    process.env.LOOPSIGHT_GRAFANA_URL = grafana.url;
    assert.equal((await runHere('dashboards', 'push')).code, 0);
  });

  it('shows credentials that variables name, and prints none of them', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, 's3cret\n');
    const basic = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
    for (const [variables, authorization] of [
      [{ LOOPSIGHT_GRAFANA_TOKEN_FILE: file }, 'Bearer s3cret'],
      [{ LOOPSIGHT_GRAFANA_TOKEN: 's3cret' }, 'Bearer s3cret'],
      [{ LOOPSIGHT_GRAFANA_USERNAME: 'me', LOOPSIGHT_GRAFANA_PASSWORD: 's3cret' }, basic],
    ] as const) {
      for (const name of VARIABLES) delete process.env[name];
      await using grafana = await startGrafana({ authorization });
      const without = await push(grafana.url);
      assert.equal(without.code, 3);
      assert.match(without.error, /^http.* asks for credentials: set LOOPSIGHT_GRAFANA_TOKEN_FILE to .*\.\n$/);
      Object.assign(process.env, variables);
      const { code, out, error } = await push(grafana.url);
      assert.equal(code, 0, error);
      assert.doesNotMatch(out + error, /s3cret|me:/);
    }
    process.env.LOOPSIGHT_GRAFANA_TOKEN = 'wr0ng';
    await using grafana = await startGrafana({ authorization: 'Bearer s3cret' });
    const { code, error } = await push(grafana.url);
    assert.equal(code, 3);
    assert.match(error, /refuses the credentials \(status 401\): Invalid API key\.\n$/);
    assert.doesNotMatch(error, /wr0ng/);
    const inUrl = await push(grafana.url.replace('//', '//you:pass@'));
    assert.doesNotMatch(inUrl.error, /you|pass@/);
  });

  it('speaks TLS, and trusts a certificate only if it is told to', { skip: noOpenssl }, async () => {
    const authority = makeAuthority(folder, 'authority');
    const { cert, key } = issue(folder, authority, 'grafana', 'IP:127.0.0.1');
    await using grafana = await startGrafana({
      tls: { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') },
    });
    const untrusted = await push(grafana.url);
    assert.equal(untrusted.code, 3);
    assert.match(untrusted.error, /could not be reached: .*certificate/);
    assert.deepEqual(grafana.requests, []);
    const child = spawn(
      process.execPath,
      [join(root, 'dist/esm/src/cli/main.js'), 'dashboards', 'push', '--grafana', grafana.url],
      {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: authority.cert },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const [code] = await once(child, 'close');
    assert.equal(code, 0);
    assert.equal(grafana.dashboards.size, UIDS.length);
  });

  it('says what is wrong with rights and dashboards, and how many were saved', async () => {
    await using viewer = await startGrafana({ isViewer: true });
    const rights = await push(viewer.url);
    assert.equal(rights.code, 3);
    assert.match(
      rights.error,
      /does not allow these credentials to make the folder Loopsight \(status 403\): You'll need additional permissions; a service account needs the role Editor\.\n$/,
    );
    await using grafana = await startGrafana({ provisioned: 'loopsight-overview' });
    const { code, out, error } = await push(grafana.url);
    assert.equal(code, 3);
    assert.equal(out.trim().split('\n').length, 2);
    assert.match(
      error,
      /could not save the dashboard loopsight-overview \(status 400\): Cannot save provisioned dashboard\. 2 dashboards of 6 had been saved\.\n$/,
    );
  });

  const html: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  };
  const body =
    (text: string, status = 200): RequestListener =>
    (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    };
  const endless: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      while (!response.destroyed && response.write(`[${' '.repeat(65_536)}`));
    };
    response.on('drain', more);
    more();
  };
  const SERVERS: readonly (readonly [string, RequestListener, RegExp])[] = [
    ['HTML', html, /answered with HTML, not with Grafana's JSON/],
    ['half JSON', body('[{"uid":"a","ti'), /JSON that ends early or is broken/],
    ['nothing', body(''), /answered with nothing/],
    ['no list', body('{"folders":[]}'), /JSON that is no list of folders/],
    ['a folder without a uid', body('[{"title":"Loopsight"}]'), /a folder that has no uid/],
    [
      'a folder that is null, and then nothing saved',
      body('[null,{"title":"Loopsight","uid":"x"}]'),
      /no saved dashboard/,
    ],
    ['no Grafana', body('<h1>Not Found</h1>', 404), /has no API of Grafana \(status 404\); a path prefix belongs into/],
    [
      'a server error',
      body('{"message":"database is locked\\u001b[31m\\n"}', 500),
      /list its folders \(status 500\): database is locked\[31m\.$/,
    ],
    ['too much', endless, /answered with more than 16 MiB\.$/],
    ['silence', () => undefined, /did not answer all queries within 1 s \(--timeout\)/],
    [
      'another origin',
      (_, response) => response.writeHead(302, { location: 'http://evil.example/login' }).end(),
      /redirects to http:\/\/evil\.example\/login, which is not followed/,
    ],
    [
      'a redirect to itself',
      (request, response) => response.writeHead(307, { location: request.url ?? '' }).end(),
      /redirects to .*, which is not followed/,
    ],
  ];
  for (const [name, server, sentence] of SERVERS) {
    it(`has one sentence and exit code 3 for ${name}`, async () => {
      await using bad = await serve(server);
      const { code, out, error } = await push(bad.url, '--timeout', name === 'silence' ? '1s' : '1m');
      assert.equal(code, 3);
      assert.equal(out, '');
      assert.match(error.trimEnd(), sentence);
      assert.match(error, /^[^\n\p{Cc}]+\.\n$/u);
    });
  }

  it('has one for a port where nobody listens', async () => {
    const { code, error } = await push('127.0.0.1:1');
    assert.equal(code, 3);
    assert.match(error, /could not be reached: nothing listens there\.\n$/);
  });
});

describe('the arguments of loopsight dashboards', () => {
  const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /^Expected export or push, got nothing; see loopsight dashboards --help\.$/],
    [['pull'], /^Expected export or push, got "pull"/],
    [['export'], /^Expected export to have one folder, got 0/],
    [['export', 'a', 'b'], /^Expected export to have one folder, got 2/],
    [['export', 'a', '--folder', 'x'], /^`--folder` is for push/],
    [
      ['export', folder, '--set', 'prom'],
      /^Expected `--set` to be one of "loopsight", "opentelemetry-exporter", "otlp", got "prom"/,
    ],
    [['push'], /^Expected `--grafana` \(or LOOPSIGHT_GRAFANA_URL\) to name a Grafana/],
    [['push', 'x', '--grafana', 'a'], /^Expected push to have options alone, got "x"/],
    [
      ['push', '--grafana', 'ftp://a:pw@b'],
      /^Expected `--grafana` to be an http URL or host:port without a query, got "ftp:\/\/b"/,
    ],
    [['push', '--grafana', 'http://a:p/w@b'], /without a query, got "http:\/\/b"/],
    [['push', '--grafana', 'http://a/?orgId=2'], /without a query, got/],
    [
      ['push', '--grafana', 'a', '--folder', ' '],
      /^Expected `--folder` to be a title or uid of 1 to 189 characters, got " "/,
    ],
    [
      ['push', '--grafana', 'a', '--timeout', '5'],
      /^Expected `--timeout` to be a duration such as 90s, 1h30m or 1w from 0.1s to 1h, got "5"/,
    ],
    [['push', '--grafana', 'a', '--token', 'x'], /^Unknown option '--token'/],
  ];
  for (const [argv, sentence] of WRONG) {
    it(`are refused in a sentence: ${argv.join(' ')}`, async () => {
      const { code, error } = await runHere('dashboards', ...argv);
      assert.equal(code, 2);
      assert.match(error.trimEnd(), sentence);
    });
  }

  it('have a help of lines that fit', async () => {
    const { code, out } = await runHere('dashboards', '--help');
    assert.equal(code, 0);
    for (const line of out.split('\n')) assert.ok(line.length <= 100, line);
  });

  it('name a Grafana as people do', () => {
    for (const [given, expected] of [
      ['localhost:3000', 'http://localhost:3000/'],
      ['https://x.example/grafana', 'https://x.example/grafana/'],
      ['https://x.example/grafana/api/', 'https://x.example/grafana/'],
      ['http://x/#top', 'http://x/'],
    ] as const) {
      assert.equal(grafanaUrl(given).href, expected);
    }
  });
});

describe('the built command', () => {
  it('finds the dashboards of its own package, through a link as npm makes one', () => {
    const target = join(folder, 'built');
    const link = join(folder, 'loopsight');
    symlinkSync(join(root, 'dist/esm/src/cli/main.js'), link);
    const { status, stdout, stderr } = spawnSync(process.execPath, [link, 'dashboards', 'export', target], {
      encoding: 'utf8',
      cwd: folder,
    });
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trim().split('\n').length, UIDS.length);
  });

  it('leaves no half file where the disk is full', { skip: process.platform === 'win32' }, () => {
    const target = join(folder, 'full');
    const command = 'ulimit -f 8; exec "$0" "$@"';
    const main = join(root, 'dist/esm/src/cli/main.js');
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', command, process.execPath, main, 'dashboards', 'export', target],
      { encoding: 'utf8' },
    );
    assert.equal(status, 3);
    assert.match(stderr, /could not be written: EFBIG: file too large\.\n$/);
    assert.deepEqual(readdirSync(target), []);
  });
});

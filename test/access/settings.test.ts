// Options of access that cannot be used: one sentence with the option or variable and the file, never with a secret.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ACCESS_NAMES, ACCESS_OPTIONS, type AccessOptions } from '../../src/access/access-options.js';
import { openAccess } from '../../src/access/open-access.js';
import { describeSettings } from '../../src/doctor/settings.js';
import { resolveOptions } from '../../src/options.js';
import { issue, makeAuthority, noOpenssl } from './certificates.js';
import { valuesOf } from './serve.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-access-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const SECRET = 'hunter2-is-not-shown';
const token = file('token', `${SECRET}\n`);
const empty = file('empty', ' \n');
const lines = file('lines', `${SECRET}\n${SECRET}\n`);
const huge = file('huge', 'x'.repeat(1024 * 1024 + 1));
const latin1 = join(folder, 'latin1');
writeFileSync(latin1, Buffer.from('ein geheimer Schl\xfcssel\n', 'latin1'));
const missing = join(folder, 'missing');
mkdirSync(join(folder, 'directory'));

const open = (options: AccessOptions) => openAccess(valuesOf(options), { given: options });

function refusal(options: AccessOptions): string {
  try {
    open(options);
  } catch (error) {
    assert.ok(error instanceof TypeError, String(error));
    assert.match(error.message, /^Expected .*, got .+$/);
    assert.ok(!error.message.includes(SECRET), error.message);
    return error.message;
  }
  return assert.fail('it was taken');
}

test('nothing given is no rules', () => {
  assert.equal(open({}), undefined);
});

describe('options that go together', () => {
  const cases: readonly [title: string, options: AccessOptions, message: RegExp][] = [
    ['two tokens', { token: SECRET, tokenFile: token }, /one of `token` and `tokenFile`, got both/],
    ['two passwords', { username: 'a', password: SECRET, passwordFile: token }, /one of `password` and `passwordFile`/],
    [
      'a name without a password',
      { username: 'a' },
      /`username` together with `LOOPSIGHT_PASSWORD` or `LOOPSIGHT_PASSWORD_FILE`/,
    ],
    ['a password without a name', { password: SECRET }, /`password` together with `LOOPSIGHT_USERNAME`/],
    ['a certificate without a key', { tlsCertFile: token }, /`tlsCertFile` together with `LOOPSIGHT_TLS_KEY_FILE`/],
    ['a key without a certificate', { tlsKeyFile: token }, /`tlsKeyFile` together with/],
    [
      'certificates of clients alone',
      { tlsClientCaFile: token },
      /`tlsClientCaFile` together with `LOOPSIGHT_TLS_CERT_FILE`/,
    ],
    [
      'a name with a colon',
      { username: 'a:b', password: SECRET },
      /`username` to be a name without a colon, got "a:b"/,
    ],
  ];
  for (const [title, options, message] of cases) {
    test(`${title} is refused`, () => assert.match(refusal(options), message));
  }

  test('a value from the environment is called by its variable', () => {
    const values = valuesOf({ tokenFile: missing });
    assert.throws(
      () => openAccess(values),
      /`LOOPSIGHT_TOKEN_FILE` to name a file that can be read, got ".*missing" \(ENOENT\)/,
    );
  });
});

test('a variable that is set to nothing is refused, unless code gives the value', () => {
  for (const name of ACCESS_NAMES) {
    const { variable } = ACCESS_OPTIONS[name];
    for (const value of ['', ' ']) {
      const environment = { [variable]: value };
      assert.throws(
        () => openAccess(valuesOf({}), { environment }),
        new RegExp(`^TypeError: Expected \`${variable}\` to have a value or not to be set, got an empty one$`),
      );
    }
  }
  const access = openAccess(valuesOf({ token: SECRET }), { environment: { LOOPSIGHT_TOKEN: '' } });
  assert.deepEqual(access?.loaded.rules.tokens, [SECRET]);
});

describe('files', () => {
  const cases: readonly [title: string, options: AccessOptions, message: RegExp][] = [
    ['a missing file', { tokenFile: missing }, /`tokenFile` .* got ".*missing" \(ENOENT\)/],
    ['a folder', { tokenFile: join(folder, 'directory') }, /`tokenFile` .*"\/.*directory" \(it is no file\)/],
    ['an empty file', { username: 'a', passwordFile: empty }, /`passwordFile` .* got ".*empty" \(it is empty\)/],
    ['several lines', { tokenFile: lines }, /`tokenFile` .*several lines/],
    ['a secret in another encoding', { tokenFile: latin1 }, /`tokenFile` .*latin1" \(it is not UTF-8\)/],
    ['a huge file', { tokenFile: huge }, /larger than 1 MiB/],
    ['a pipe', { tokenFile: '/dev/stdin' }, /`tokenFile` .*"\/dev\/stdin"/],
    [
      'a certificate that is none',
      { tlsCertFile: token, tlsKeyFile: token },
      /`tlsCertFile` \(".*token"\) to hold a certificate in PEM/,
    ],
  ];
  for (const [title, options, message] of cases) {
    test(`${title} is refused`, () => assert.match(refusal(options), message));
  }

  test('the secret is the line without what is around it, and a relative path is one', () => {
    const path = relative(process.cwd(), token);
    assert.deepEqual(open({ tokenFile: path })?.loaded.rules.tokens, [SECRET]);
    assert.equal(open({ tokenFile: path })?.settings.values.tokenFile, token);
  });

  test('what crosses to another thread is plain data', () => {
    const access = open({ tokenFile: token, username: 'a', password: 'b' });
    assert.deepEqual(structuredClone(access), access);
  });
});

describe('certificates', { skip: noOpenssl }, () => {
  let pair = { cert: '', key: '' };
  let other = pair;
  before(() => {
    const authority = makeAuthority(folder, 'authority');
    pair = issue(folder, authority, 'server', 'DNS:localhost');
    other = issue(folder, authority, 'other', 'DNS:localhost');
  });

  test('a certificate and its key are taken', () => {
    const access = open({ tlsCertFile: pair.cert, tlsKeyFile: pair.key });
    assert.equal(access?.loaded.rules.tls?.minVersion, 'TLSv1.2');
  });

  test('the key of another certificate is refused', () => {
    const message = refusal({ tlsCertFile: pair.cert, tlsKeyFile: other.key });
    assert.match(message, /`tlsKeyFile` \(".*other.key"\) to hold the private key of `tlsCertFile` \(".*server.crt"\)/);
  });

  test('a key that is none is refused', () => {
    assert.match(refusal({ tlsCertFile: pair.cert, tlsKeyFile: pair.cert }), /`tlsKeyFile` .*a private key in PEM/);
  });

  test('certificates of clients that are none are refused', () => {
    const options = { tlsCertFile: pair.cert, tlsKeyFile: pair.key, tlsClientCaFile: pair.key };
    assert.match(refusal(options), /`tlsClientCaFile` \(".*server.key"\) to hold certificates in PEM/);
  });
});

describe('secrets are never shown', () => {
  const wrong: readonly [string, unknown][] = [
    ['two lines', `${SECRET}\nx`],
    ['bytes that are no UTF-8', `${SECRET}\ufffd`],
    ['a list', [SECRET]],
    ['an object', { [SECRET]: SECRET }],
    ['nothing but spaces', '  '],
  ];
  for (const option of ['token', 'password'] as const) {
    for (const [title, value] of wrong) {
      test(`${option}: ${title} is refused without the value`, () => {
        assert.throws(
          () => resolveOptions({ [option]: value } as never, {}),
          (error) =>
            error instanceof TypeError && error.message.includes(`\`${option}\``) && !error.message.includes(SECRET),
        );
      });
    }
  }

  test('not by the doctor, wherever they come from and whether they can be used or not', () => {
    for (const value of [SECRET, `${SECRET}\n${SECRET}`]) {
      const environment = { LOOPSIGHT_TOKEN: value, LOOPSIGHT_PASSWORD: value };
      const sources = [{ environment }, { environment: {}, options: { token: value, password: value } }];
      for (const source of sources) {
        const settings = describeSettings(source);
        assert.ok(!JSON.stringify(settings).includes(SECRET));
        const names = settings.filter(({ value: shown }) => shown.includes('not shown')).map(({ name }) => name);
        assert.deepEqual(names, ['token', 'password']);
      }
    }
  });
});

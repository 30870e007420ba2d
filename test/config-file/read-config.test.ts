// loopsight.config.json: where it is found, what it may say, and what wins over it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfigFile } from '../../src/config-file/read-config.js';
import { type FileOptions, type LoopsightOptions, resolveOptions } from '../../src/options.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'loopsight-config-')));
after(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

/** A folder with the given files. */
function folderWith(files: Readonly<Record<string, unknown>>): string {
  const place = join(folder, String(made++));
  mkdirSync(place);
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(place, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return place;
}

const NAME = 'loopsight.config.json';
const EMPTY = folderWith({});

describe('the file', () => {
  const app = folderWith({ [NAME]: { port: 1 }, 'other.json': { port: 2 } });
  const started = folderWith({ [NAME]: { port: 3 } });
  const CASES = [
    ['beside the package.json', { root: app, workingDirectory: EMPTY }, {}, 1],
    ['in the working directory', { root: EMPTY, workingDirectory: started }, {}, 3],
    ['beside the package.json before the working directory', { root: app, workingDirectory: started }, {}, 1],
    ['named by the variable', { root: app, workingDirectory: app }, { LOOPSIGHT_CONFIG_FILE: 'other.json' }, 2],
    ['named by an absolute path', { root: EMPTY }, { LOOPSIGHT_CONFIG_FILE: join(app, 'other.json') }, 2],
    ['with an empty variable', { root: app, workingDirectory: EMPTY }, { LOOPSIGHT_CONFIG_FILE: '' }, 1],
    ['switched off', { root: app, workingDirectory: app }, { LOOPSIGHT_CONFIG_FILE: 'off' }, undefined],
    ['nowhere', { root: EMPTY, workingDirectory: EMPTY }, {}, undefined],
  ] as const;
  for (const [title, places, environment, port] of CASES) {
    it(`is found ${title}`, () => {
      assert.equal(readConfigFile({ environment, ...places })?.options.port, port);
    });
  }
});

describe('what the file says', () => {
  const read = (content: unknown) =>
    readConfigFile({ environment: {}, root: folderWith({ [NAME]: content }), workingDirectory: folder });

  it('is taken, with the key that editors look at left out', () => {
    const content: FileOptions = { port: 0, log: false, seriesLimits: { 'a.b': 3 }, instrumentations: { http: false } };
    assert.deepEqual(
      read({ $schema: './node_modules/loopsight/dist/config.schema.json', ...content })?.options,
      content,
    );
  });

  it('may begin with a byte order mark', () => {
    assert.equal(read('\ufeff{ "port": 7 }')?.options.port, 7);
  });

  it('names files relative to its own folder', () => {
    const found = read({ tokenFile: 'secrets/token', stallFile: '/dev/null' });
    assert.equal(found?.options.tokenFile, join(found?.path ?? '', '..', 'secrets/token'));
    assert.equal(found?.options.stallFile, '/dev/null');
  });

  const REFUSED = [
    ['an unknown key', { prot: 1 }, /loopsight\.config\.json` to be an object with known keys, got "prot"/],
    [
      'a value of the wrong kind',
      { port: '80' },
      /loopsight\.config\.json: Expected `port` to be an integer from 0 to 65535, got "80"/,
    ],
    ['null', { port: null }, /Expected `port` to be .* got `null`/],
    ['a switch that is unknown', { instrumentations: { htpp: false } }, /"htpp"/],
    [
      'a secret',
      { token: 'abc' },
      /^TypeError: Expected `[^`]*` to have no `token`: give LOOPSIGHT_TOKEN, or tokenFile$/,
    ],
    ['a function', { onStall: 'x' }, /to have no `onStall`: a file holds no function/],
    ['an array', [], /to be an object of options, got an array/],
    ['a text', '"port"', /to be an object of options, got "port"/],
    ['what is no JSON', '{\n  "port": 1,\n}', /to be JSON, got an error in line 3, column 1$/],
    ['half of it', '{ "port": ', /to be JSON, got an error (at its end|in line 1, column 11)$/],
    ['nothing', '', /to be JSON, got an error/],
    ['a word that is no JSON', '{ "port": yes,\n "log": true }\n', /to be JSON, got an error$/],
    ['far too much', `{ "host": "${'x'.repeat(1024 * 1024)}" }`, /to have at most 1048576 bytes, got 1048590/],
  ] as const;
  for (const [title, content, sentence] of REFUSED) {
    it(`is refused where it is ${title}`, () => {
      assert.throws(
        () => read(content),
        (error) => error instanceof TypeError && sentence.test(String(error)),
      );
    });
  }

  it('is refused where the variable names no file', () => {
    const places = { environment: { LOOPSIGHT_CONFIG_FILE: 'gone.json' }, root: EMPTY, workingDirectory: EMPTY };
    assert.throws(
      () => readConfigFile(places),
      /Expected `LOOPSIGHT_CONFIG_FILE` to be a file that is there, or `off`, got "gone.json"/,
    );
  });

  it('is refused where it is a folder', () => {
    mkdirSync(join(EMPTY, 'folder.json'));
    const places = { environment: { LOOPSIGHT_CONFIG_FILE: 'folder.json' }, root: EMPTY, workingDirectory: EMPTY };
    assert.throws(() => readConfigFile(places), /to be a file that can be read, got EISDIR/);
  });
});

describe('the order', () => {
  const FILE: FileOptions = {
    stallThresholdMs: 250,
    endpoint: false,
    serviceName: 'till',
    serviceVersion: '1',
    resourceAttributes: { 'service.name': 'shop', team: 'red', region: 'north' },
    instrumentations: { http: false, queues: false },
  };
  type Case = readonly [
    title: string,
    options: LoopsightOptions,
    environment: Readonly<Record<string, string>>,
    expected: (resolved: NonNullable<ReturnType<typeof resolveOptions>>) => readonly [unknown, unknown],
  ];
  const CASES: readonly Case[] = [
    ['a file over the default', {}, {}, ({ stallThresholdMs }) => [stallThresholdMs, 250]],
    [
      'a variable over a file',
      {},
      { LOOPSIGHT_STALL_THRESHOLD_MS: '200' },
      (resolved) => [resolved.stallThresholdMs, 200],
    ],
    [
      'code over all',
      { stallThresholdMs: 300 },
      { LOOPSIGHT_STALL_THRESHOLD_MS: '200' },
      (resolved) => [resolved.stallThresholdMs, 300],
    ],
    ['a file without an endpoint', {}, {}, ({ endpoint }) => [endpoint, false]],
    [
      'a variable that names no exporter of ours',
      {},
      { OTEL_METRICS_EXPORTER: 'otlp' },
      ({ endpoint }) => [endpoint, false],
    ],
    ['code with an endpoint', { endpoint: true }, {}, ({ endpoint }) => [endpoint, true]],
    ["the file's name over its attributes", {}, {}, ({ serviceName }) => [serviceName, 'till']],
    [
      "the environment's attributes over the file's name",
      {},
      { OTEL_RESOURCE_ATTRIBUTES: 'service.name=web' },
      ({ serviceName }) => [serviceName, 'web'],
    ],
    [
      'attributes, key by key',
      { resourceAttributes: { team: 'blue' } },
      { OTEL_RESOURCE_ATTRIBUTES: 'team=green,rack=7' },
      ({ resourceAttributes }) => [
        resourceAttributes,
        { 'service.name': 'shop', team: 'blue', region: 'north', rack: '7' },
      ],
    ],
    ['a switch in a file', {}, {}, ({ instrumentations }) => [instrumentations.http, false]],
    ['its variable over it', {}, { LOOPSIGHT_HTTP: 'on' }, ({ instrumentations }) => [instrumentations.http, true]],
    [
      'a list over it',
      {},
      { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'queues' },
      ({ instrumentations }) => [instrumentations.queues, true],
    ],
    ['code over it', { instrumentations: { http: true } }, {}, ({ instrumentations }) => [instrumentations.http, true]],
    ['what nobody names', {}, {}, ({ instrumentations }) => [instrumentations.traced, true]],
  ];
  for (const [title, options, environment, expected] of CASES) {
    it(`is ${title}`, () => {
      const resolved = resolveOptions(options, environment, FILE);
      assert.ok(resolved !== undefined);
      const [found, wanted] = expected(resolved);
      assert.deepEqual(found, wanted);
    });
  }
});

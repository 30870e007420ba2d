// The arguments of `loopsight compare`, and the process that it is.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readArguments } from '../../src/cli/compare-arguments.js';
import { runHere, serve } from '../support/run-here.js';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const NOW_S = 1_764_000_000;
const URL_OF = ['--prometheus', 'localhost:9090'] as const;
const folder = mkdtempSync(join(tmpdir(), 'loopsight-compare-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What is collected now. */
function requestOf(...argv: readonly string[]) {
  const source = readArguments([...URL_OF, ...argv], {}, NOW_S)?.source;
  assert.ok(source?.kind === 'prometheus');
  return source.requestAt(NOW_S + 60);
}

describe('the arguments', () => {
  it('have defaults', () => {
    const { distinction, ...others } = requestOf();
    assert.deepEqual(distinction, {
      kind: 'label',
      label: 'service_version',
      baseline: undefined,
      candidate: undefined,
    });
    assert.deepEqual(others, {
      ...{ job: undefined, match: [], thread: 'main', windowS: 3600, lookbackS: 86_400, pastS: 604_800 },
      ...{ blockS: undefined, nowS: NOW_S + 60 },
    });
    const given = readArguments(URL_OF, {}, NOW_S);
    assert.deepEqual([given?.output, given?.options, given?.watch], ['text', {}, undefined]);
    assert.equal(given?.source.kind === 'prometheus' && given.source.timeoutMs, 60_000);
  });

  it('take the address from the environment', () => {
    const given = readArguments([], { LOOPSIGHT_PROMETHEUS_URL: 'http://p/x' }, NOW_S);
    assert.equal(given?.source.kind === 'prometheus' && given.source.url.href, 'http://p/x/api/v1/');
  });

  const label = (name: string, baseline?: string, candidate?: string) => ({
    kind: 'label',
    label: name,
    baseline,
    candidate,
  });
  const time = (baseline: object, candidate: object) => ({ kind: 'time', baseline, candidate });
  const DISTINCTIONS: readonly (readonly [argv: readonly string[], distinction: object])[] = [
    [['1.4.2', '1.5.0'], label('service_version', '1.4.2', '1.5.0')],
    [['--baseline', '1', '--candidate', '2'], label('service_version', '1', '2')],
    [['--candidate', '2'], label('service_version', undefined, '2')],
    [['--by', 'canary', 'false', 'true'], label('canary', 'false', 'true')],
    [['--by', 'process.runtime.version', '--baseline', '22'], label('process_runtime_version', '22')],
    [
      ['--before', '2025-11-24T15:00:00Z', '--after', '1763998200', '--window', '30m'],
      time(
        { label: 'before 2025-11-24 15:00:00Z', startS: NOW_S - 5400, endS: NOW_S - 3600 },
        { label: 'after 2025-11-24 15:30:00Z', startS: NOW_S - 1800, endS: NOW_S },
      ),
    ],
    [
      ['--after', '30m'],
      time(
        { label: 'before 2025-11-24 15:30:00Z', startS: NOW_S - 5400, endS: NOW_S - 1800 },
        { label: 'after 2025-11-24 15:30:00Z', startS: NOW_S - 1800, endS: NOW_S + 60 },
      ),
    ],
    [
      ['--offset', '1w', '--window', '10m'],
      time(
        { label: '1w ago', startS: NOW_S + 60 - 604_800 - 600, endS: NOW_S + 60 - 604_800 },
        { label: 'now', startS: NOW_S + 60 - 600, endS: NOW_S + 60 },
      ),
    ],
  ];
  for (const [argv, distinction] of DISTINCTIONS) {
    it(argv.join(' '), () => assert.deepEqual(requestOf(...argv).distinction, distinction));
  }

  it('take the rest', () => {
    const argv = [
      '--match',
      'a=b',
      '--match',
      'c==d',
      '--match',
      'cloud.region=eu',
      '--block',
      '10s',
      '--warm-up',
      '0',
      '--minimum-ratio',
      '1.5',
      '--watch',
      '--deadline',
      '30m',
    ];
    const given = readArguments([...URL_OF, ...argv], {}, NOW_S);
    assert.deepEqual(given?.options, { warmUpS: 0, minimumRatio: 1.5, minimumBlockS: 10, maximumBlockS: 50 });
    assert.deepEqual(given?.watch, { deadlineS: 1800, everyS: 300 });
    assert.deepEqual(requestOf(...argv).match, [
      ['a', 'b'],
      ['c', '=d'],
      ['cloud_region', 'eu'],
    ]);
  });

  const WRONG: readonly (readonly [argv: readonly string[], sentence: string])[] = [
    [[], 'Expected `--prometheus` (or LOOPSIGHT_PROMETHEUS_URL) to name a Prometheus, or `--scrapes` two folders'],
    [['--prometheus', 'ftp://x'], 'Expected `--prometheus` to be an http URL or host:port, got "ftp://x"'],
    [[...URL_OF, '1'], 'Expected two names to compare, got 1'],
    [[...URL_OF, '1', '2', '3'], 'Expected two names to compare, got 3'],
    [[...URL_OF, '1', '1'], 'Expected two different names to compare, got "1" twice'],
    [[...URL_OF, '1', '2', '--baseline', '1'], 'Two names and `--baseline` do not go together'],
    [[...URL_OF, '--by', ' ', 'a', 'b'], 'Expected `--by` to be the name of a label, got ""'],
    [[...URL_OF, '--by', 'job', '--job', 'a', 'a', 'b'], '`--by job` and `--job` do not go together'],
    [[...URL_OF, '--offset', '1w', '--after', '2h'], '`--offset` and `--after` do not go together'],
    [[...URL_OF, '--offset', '1w', '1', '2'], '`--offset` and two names do not go together'],
    [[...URL_OF, '--after', '2h', '--by', 'a'], '`--before and --after` and `--by` do not go together'],
    [[...URL_OF, '--before', '1h', '--after', '2h'], 'Expected `--before` to be no later than `--after`'],
    [[...URL_OF, '--after', 'now'], 'Expected `--after` to be in the past, got "now"'],
    [
      [...URL_OF, '--after', '2026-11-21'],
      'Expected `--after` to be a time such as 2026-11-21T10:00:00Z, a Unix time in seconds or a time ago such as 2h, got "2026-11-21"',
    ],
    [[...URL_OF, '--after', '12345'], 'Expected `--after` to be a time such as'],
    [
      [...URL_OF, '--window', '5'],
      'Expected `--window` to be a duration such as 90s, 1h30m or 1w from 1s to 31d, got "5"',
    ],
    [[...URL_OF, '--window', '0'], 'Expected `--window` to be a duration'],
    [
      [...URL_OF, '--lookback', '400d'],
      'Expected `--lookback` to be a duration such as 90s, 1h30m or 1w from 10s to 366d, got "400d"',
    ],
    [[...URL_OF, '--past', '-1h'], "Option '--past' argument is ambiguous"],
    [[...URL_OF, '--block', '1.5s'], 'Expected `--block` to be whole seconds, got "1.5s"'],
    [
      [...URL_OF, '--warm-up', '2d'],
      'Expected `--warm-up` to be a duration such as 90s, 1h30m or 1w from 0s to 1d, got "2d"',
    ],
    [[...URL_OF, '--minimum-ratio', '1'], 'Expected `--minimum-ratio` to be a number above 1 and at most 100, got "1"'],
    [[...URL_OF, '--timeout', '0'], 'Expected `--timeout` to be a duration'],
    [[...URL_OF, '--match', 'a!=b'], 'Expected `--match` to be LABEL=VALUE, got "a!=b"'],
    [[...URL_OF, '--match', 'a=~b'], 'Expected `--match` to be LABEL=VALUE, got "a=~b"'],
    [[...URL_OF, '--deadline', '1h'], '`--deadline` needs `--watch`'],
    [
      [...URL_OF, '--watch', '--every', '2h'],
      'Expected `--every` to be a duration such as 90s, 1h30m or 1w from 0.5s to 1h, got "2h"',
    ],
    [
      [...URL_OF, '--watch', '--every', '1s'],
      'Expected `--every` to give at most 100 looks until the deadline, got "1s"',
    ],
    [[...URL_OF, '--json', '--markdown'], 'Expected `--json` or `--markdown`, got both'],
    [[...URL_OF, '--history', 'x'], '`--history` needs `--scrapes`; with `--prometheus` it is `--past`'],
    [['--scrapes', 'a'], 'Expected `--scrapes` to have two folders, as in --scrapes before/ after/'],
    [['--scrapes', 'a', 'b', '--job', 'c'], '`--scrapes` and `--job` do not go together'],
    [['--scrapes', 'a', 'b', '--watch'], '`--scrapes` and `--watch` do not go together'],
    [['--colour'], "Unknown option '--colour'"],
  ];
  for (const [argv, sentence] of WRONG) {
    it(`${argv.join(' ')} is wrong: one sentence and code 3, which is not that of inconclusive`, async () => {
      const { code, out, error } = await runHere('compare', ...argv);
      assert.deepEqual([code, out], [3, '']);
      assert.ok(error.startsWith(sentence), error);
      assert.match(error, /; see loopsight compare --help\.\n$/);
      assert.doesNotMatch(error.trimEnd(), /[\p{Cc}\p{Cf}]/u);
    });
  }

  it('are told by --help', async () => {
    const { code, out } = await runHere('compare', '--help');
    assert.equal(code, 0);
    for (const line of out.split('\n')) assert.ok(line.length <= 96, line);
    assert.match(out, /Exit code: 0 better or no difference, 1 worse, 2 inconclusive, 3 could not be told/);
  });
});

describe('credentials', () => {
  async function askedWith(environment: Readonly<Record<string, string>>, url = (given: string) => given) {
    const got: (string | undefined)[] = [];
    await using server = await serve((request, response) => {
      got.push(request.headers.authorization);
      response.writeHead(401).end();
    });
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'compare', '--prometheus', url(server.url)], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = once(child, 'close');
    let error = '';
    for await (const chunk of child.stderr) error += chunk;
    const [code] = await closed;
    assert.equal(code, 3);
    return { got: [...new Set(got)], error };
  }

  it('come from files that variables name, and never stand in a sentence', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, 's3cret\n');
    const token = await askedWith({ LOOPSIGHT_PROMETHEUS_TOKEN_FILE: file, LOOPSIGHT_TOKEN: 'of the service' });
    assert.deepEqual(token.got, ['Bearer s3cret']);
    assert.match(token.error, /asks for credentials/);
    const user = await askedWith({ LOOPSIGHT_PROMETHEUS_USERNAME: 'me', LOOPSIGHT_PROMETHEUS_PASSWORD_FILE: file });
    assert.deepEqual(user.got, [`Basic ${Buffer.from('me:s3cret').toString('base64')}`]);
    const inUrl = await askedWith({ LOOPSIGHT_PROMETHEUS_TOKEN_FILE: file }, (given) =>
      given.replace('//', '//you:pass%40word@'),
    );
    assert.deepEqual(inUrl.got, [`Basic ${Buffer.from('you:pass@word').toString('base64')}`]);
    for (const { error } of [token, user, inUrl]) assert.doesNotMatch(error, /s3cret|word@|you:/);
  });

  it('that cannot be read are wrong usage', async () => {
    const { got, error } = await askedWith({ LOOPSIGHT_PROMETHEUS_TOKEN_FILE: join(folder, 'missing') });
    assert.deepEqual(got, []);
    assert.match(
      error,
      /^Expected `LOOPSIGHT_PROMETHEUS_TOKEN_FILE` to name a file that can be read, got ".*missing" \(ENOENT\); see/,
    );
  });
});

describe('the process', () => {
  it('writes no colour and no bar into a pipe, and draws a bar on a terminal', async (t) => {
    await using server = await serve((_, response) =>
      response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}'),
    );
    const argv = ['compare', '--prometheus', server.url, '--watch', '--deadline', '2s', '--every', '1s'];
    const command = [process.execPath, '--import', 'tsx', MAIN, ...argv];
    const piped = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let error = '';
    piped.stderr.on('data', (chunk) => {
      error += chunk;
    });
    const [code] = await once(piped, 'close');
    assert.equal(code, 3);
    assert.match(error, /^Look 1 of 3: .* has no metrics of Loopsight from the last 1 day\.\nLook 2 of 3: .*\n.*\.\n$/);
    assert.doesNotMatch(error, /\p{Cc}(?<!\n)/u);

    if (spawnSync('script', ['--version']).status !== 0) return t.skip('script is missing: apt-get install bsdutils');
    const quoted = command.map((part) => `'${part}'`).join(' ');
    const terminal = spawn('script', ['--quiet', '--return', '--command', quoted, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let screen = '';
    terminal.stdout.on('data', (chunk) => {
      screen += chunk;
    });
    const [ended] = await once(terminal, 'close');
    assert.equal(ended, 3);
    assert.match(screen.replaceAll('\r\u001b[K', '^'), /\^\[-{20}\] http.* has no metrics of Loopsight/);
    assert.doesNotMatch(screen, /Look 1 of 3:/);
  });

  it('keeps its exit code when nobody reads what it writes', async () => {
    const scrapes = join(folder, 'scrapes');
    mkdirSync(scrapes);
    for (const second of [0, 60]) {
      const bucket = `loopsight_eventloop_lag_seconds_bucket{thread_name="main",le="+Inf"} ${second}`;
      writeFileSync(join(scrapes, `${NOW_S + second}.prom`), `process_uptime_seconds ${900 + second}\n${bucket}\n`);
    }
    const command = [process.execPath, '--import', 'tsx', MAIN, 'compare', '--scrapes', scrapes, scrapes];
    const child = spawn('bash', ['-o', 'pipefail', '-c', `${command.map((part) => `'${part}'`).join(' ')} | true`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 2);
  });
});

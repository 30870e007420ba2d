import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS } from '../../demo/faults.js';
import { parseServiceFlags } from '../../demo/flags.js';
import { parseLoadFlags } from '../../demo/load-flags.js';

const SERVICE_DEFAULTS = { port: 8080, faults: [], version: 1, allowBlock: false };

const SERVICE_FLAGS: readonly (readonly [args: readonly string[], expected: object])[] = [
  [[], {}],
  [['--port=0'], { port: 0 }],
  [['--port', '65535'], { port: 65535 }],
  [['--fault=sync-call'], { faults: ['sync-call'] }],
  [['--fault=sync-call', '--fault', 'small-pool'], { faults: ['sync-call', 'small-pool'] }],
  [['--faults=cpu-report,unbounded-queue'], { faults: ['cpu-report', 'unbounded-queue'] }],
  [['--fault=small-pool', '--faults=small-pool'], { faults: ['small-pool'] }],
  [['--fault=busy-yield'], { faults: ['busy-yield'] }],
  [['--fault=blocking-log'], { faults: ['blocking-log'] }],
  [['--faults=held-lock,lost-update'], { faults: ['held-lock', 'lost-update'] }],
  [['--fault=none'], { faults: [] }],
  [['--version=2'], { version: 2 }],
  [['--allow-block'], { allowBlock: true }],
];

for (const [args, expected] of SERVICE_FLAGS) {
  test(`the service takes "${args.join(' ')}"`, () => {
    const { faults, ...flags } = parseServiceFlags(args);
    assert.deepEqual({ ...flags, faults: [...faults] }, { ...SERVICE_DEFAULTS, ...expected });
  });
}

const FAULT_NAMES = Object.keys(FAULTS).join(', ');

const BAD_SERVICE_FLAGS: readonly (readonly [args: readonly string[], message: string])[] = [
  [['--port=-1'], 'Expected --port to be an integer from 0 to 65535, got "-1"'],
  [['--port=65536'], 'Expected --port to be an integer from 0 to 65535, got "65536"'],
  [['--port=1.5'], 'Expected --port to be an integer from 0 to 65535, got "1.5"'],
  [['--port=NaN'], 'Expected --port to be an integer from 0 to 65535, got "NaN"'],
  [['--port='], 'Expected --port to be an integer from 0 to 65535, got ""'],
  [['--fault=toString'], `Expected --fault to be one of ${FAULT_NAMES} or none, got "toString"`],
  [['--fault=lost-updates'], `Expected --fault to be one of ${FAULT_NAMES} or none, got "lost-updates"`],
  [['--faults=small-pool,'], `Expected --fault to be one of ${FAULT_NAMES} or none, got ""`],
  [['--version=3'], 'Expected --version to be 1 or 2, got "3"'],
  [['--nope'], "Unknown option '--nope'"],
];

for (const [args, message] of BAD_SERVICE_FLAGS) {
  test(`the service refuses "${args.join(' ')}" in one sentence`, () => {
    assert.throws(() => parseServiceFlags(args), { name: 'TypeError', message });
  });
}

for (const url of ['http://127.0.0.1:8080', 'http://127.1.2.3:1', 'http://localhost:8080/', 'http://[::1]:8080']) {
  test(`the load generator takes ${url}`, () => {
    assert.equal(parseLoadFlags([`--url=${url}`]).url.href, new URL(url).href);
  });
}

const ELSEWHERE = [
  'http://example.com',
  'http://192.168.0.1:8080',
  'http://0.0.0.0:8080',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'http://127.0.0.1@example.com',
  'http://[::2]:8080',
  'https://127.0.0.1',
  'nonsense',
  '',
];

for (const url of ELSEWHERE) {
  test(`the load generator refuses "${url}"`, () => {
    const message = `Expected --url to be an http URL on this machine (127.0.0.1, [::1] or localhost), got "${url}"`;
    assert.throws(() => parseLoadFlags([`--url=${url}`]), { name: 'TypeError', message });
  });
}

const BAD_LOAD_FLAGS: readonly (readonly [args: readonly string[], message: string])[] = [
  [['--rate=0'], 'Expected --rate to be a number from 0.1 to 1000, got "0"'],
  [['--rate=fast'], 'Expected --rate to be a number from 0.1 to 1000, got "fast"'],
  [['--duration=-1'], 'Expected --duration to be a number from 0.1 to 86400, got "-1"'],
  [['--max-in-flight=0'], 'Expected --max-in-flight to be an integer from 1 to 1000, got "0"'],
];

for (const [args, message] of BAD_LOAD_FLAGS) {
  test(`the load generator refuses "${args.join(' ')}"`, () => {
    assert.throws(() => parseLoadFlags(args), { name: 'TypeError', message });
  });
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeParts, type PartsSource } from '../../src/doctor/parts.js';
import { resolveOptions } from '../../src/options.js';

const ENDPOINT = { host: '127.0.0.1', port: 9464, url: 'http://127.0.0.1:9464/metrics' };
const BUSY = 'port 9464 on 127.0.0.1 is in use, so there is no endpoint';
const NO_THREAD = 'the observer thread could not start (not allowed), so scrapes wait while the main thread is blocked';
const ONLY_MAIN = 'only stalls of the main thread are told of, without the code that caused them';
const NONE = { OTEL_METRICS_EXPORTER: 'none' };

interface Case {
  readonly title: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly source?: Partial<PartsSource>;
  /** Why each is off; undefined where it is on. */
  readonly endpoint?: string;
  readonly observer?: string;
  readonly blame?: string;
}

const CASES: readonly Case[] = [
  { title: 'the defaults' },
  {
    title: 'a busy port: the observer runs without it',
    source: { endpoint: undefined, said: [BUSY] },
    endpoint: BUSY,
  },
  {
    title: 'no endpoint wanted: the observer runs without it',
    environment: NONE,
    source: { endpoint: undefined },
    endpoint: 'switched off',
  },
  {
    title: 'a program that ended before its endpoint was up',
    source: { endpoint: 'unknown' },
    endpoint: 'the program ended before it was up',
  },
  {
    title: 'no observer wanted',
    environment: { LOOPSIGHT_OBSERVER: 'off' },
    observer: `switched off: scrapes wait while the main thread is blocked, and ${ONLY_MAIN}`,
    blame: 'the observer does not run',
  },
  {
    title: 'neither endpoint nor observer wanted',
    environment: { ...NONE, LOOPSIGHT_OBSERVER: 'off' },
    source: { endpoint: undefined },
    endpoint: 'switched off',
    observer: `switched off: ${ONLY_MAIN}`,
    blame: 'the observer does not run',
  },
  {
    title: 'neither observer nor event loop wanted',
    environment: { LOOPSIGHT_EVENT_LOOP: 'off', LOOPSIGHT_OBSERVER: 'off' },
    observer: 'switched off: scrapes wait while the main thread is blocked',
    blame: 'event-loop is off, which finds the stalls',
  },
  {
    title: 'neither endpoint nor event loop wanted',
    environment: { ...NONE, LOOPSIGHT_EVENT_LOOP: 'off' },
    source: { endpoint: undefined },
    endpoint: 'switched off',
    observer: 'nothing to do for it: there is no endpoint, and event-loop is off',
    blame: 'event-loop is off, which finds the stalls',
  },
  {
    title: 'a busy port, and no event loop wanted',
    environment: { LOOPSIGHT_EVENT_LOOP: 'off' },
    source: { endpoint: undefined, said: [BUSY] },
    endpoint: BUSY,
    observer: 'nothing to do for it: there is no endpoint, and event-loop is off',
    blame: 'event-loop is off, which finds the stalls',
  },
  { title: 'no blame wanted', environment: { LOOPSIGHT_BLAME: 'off' }, blame: 'switched off' },
  {
    title: 'stacks that cannot be captured',
    source: { captureObstacle: 'it is not tested on bun' },
    blame: 'it is not tested on bun',
  },
  {
    title: 'a thread that could not start',
    source: { said: [NO_THREAD], mayStartThreads: false },
    observer: NO_THREAD,
    blame: 'the observer does not run',
  },
  {
    title: 'no right to threads or to the network, of which the second is said',
    source: { endpoint: undefined, said: [BUSY], mayStartThreads: false },
    endpoint: BUSY,
    observer: 'the permission model does not allow threads',
    blame: 'the observer does not run',
  },
];

describe('how the parts stand', () => {
  for (const { title, environment = {}, source, endpoint, observer, blame } of CASES) {
    it(title, () => {
      const resolved = resolveOptions({}, environment);
      assert.ok(resolved);
      const parts = describeParts({
        resolved,
        endpoint: ENDPOINT,
        said: [],
        mayStartThreads: true,
        captureObstacle: undefined,
        ...source,
      });
      assert.deepEqual(
        parts.map(({ name, on, detail }) => [name, on, detail]),
        [
          ['endpoint', endpoint === undefined, endpoint ?? ENDPOINT.url],
          ['observer thread', observer === undefined, observer],
          ['blame', blame === undefined, blame],
        ],
      );
    });
  }
});

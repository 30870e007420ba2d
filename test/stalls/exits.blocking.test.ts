// However a program ends, and be it in the middle of a capture, it ends as it would without us: code, output, no hang.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { registerFiles, runNode } from '../support/run-node.js';

interface Expected {
  readonly code: number | null;
  readonly signal?: NodeJS.Signals;
  readonly stdout?: string;
  /** What Node itself says of such an end. */
  readonly stderr?: RegExp;
}

const NOTHING = /^$/;

const ENDS: Readonly<Record<string, Expected>> = {
  natural: { code: 0 },
  exit: { code: 7 },
  reallyExit: { code: 7 },
  'exit without listeners': { code: 7 },
  'exit, with listeners that block': { code: 7 },
  'uncaught error': { code: 1, stderr: /a text/ },
  'unhandled rejection': { code: 1, stderr: /a text/ },
  SIGTERM: { code: null, signal: 'SIGTERM' },
  'SIGINT, handled': { code: 9 },
  abort: { code: null, signal: 'SIGABRT', stderr: /abort/ },
  'timeout of vm': { code: 0, stdout: 'ERR_SCRIPT_EXECUTION_TIMEOUT\n' },
  'worker, natural': { code: 0, stdout: 'worker 0\n' },
  'worker, exit': { code: 0, stdout: 'worker 5\n' },
  'worker, error': { code: 0, stdout: 'in the worker\nworker 1\n' },
  'worker, terminated': { code: 0, stdout: 'worker 1\n' },
  'worker, process.exit': { code: 7 },
};

/** Set to 40 for a long look. */
const RUNS = Number(process.env.LOOPSIGHT_TEST_EXITS ?? 3);
const ENVIRONMENT = { LOOPSIGHT_STALL_THRESHOLD_MS: '20', LOOPSIGHT_LOG: 'off' };

describe('a capture is under way at the end of a program:', { concurrency: 3 }, () => {
  for (const [end, { code, signal = null, stdout = '', stderr = NOTHING }] of Object.entries(ENDS)) {
    test(end, async () => {
      for (let run = 0; run < RUNS; run++) {
        const args = ['--require', registerFiles.require, 'test/fixtures/ends.cjs', end];
        const ended = await runNode(args, { env: ENVIRONMENT, timeoutMs: 60_000 });
        assert.deepEqual({ code: ended.code, signal: ended.signal, stdout: ended.stdout }, { code, signal, stdout });
        assert.match(ended.stderr, stderr);
        assert.doesNotMatch(ended.stderr, /debugger|loopsight:/i);
      }
    });
  }
});

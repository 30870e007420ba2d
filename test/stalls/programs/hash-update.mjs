// expect {"function": "fingerprint", "cause": ["javascript", "native"], "thread": "main"}
import { createHash } from 'node:crypto';
import { calibrate, run } from './harness.mjs';

const upload = calibrate(
  1e7,
  (size) => Buffer.alloc(size),
  (made) => createHash('sha512').update(made).digest(),
);

function fingerprint() {
  return createHash('sha512').update(upload).digest('hex');
}

await run(['fingerprint', () => void fingerprint()]);

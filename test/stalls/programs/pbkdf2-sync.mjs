// expect {"function": "storePassword", "cause": "native", "thread": "main"}
import { pbkdf2Sync } from 'node:crypto';
import { calibrate, run } from './harness.mjs';

const rounds = calibrate(
  50_000,
  (count) => count,
  (count) => pbkdf2Sync('secret', 'salt', count, 64, 'sha512'),
);

function storePassword() {
  return pbkdf2Sync('secret', 'salt', rounds, 64, 'sha512');
}

await run(['storePassword', async () => void storePassword()]);

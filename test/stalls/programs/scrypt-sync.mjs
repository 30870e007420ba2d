// expect {"function": "deriveKey", "cause": "native", "thread": "main"}
import { scryptSync } from 'node:crypto';
import { calibrate, run } from './harness.mjs';

const cost = (p) => ({ N: 16384, r: 8, p, maxmem: 2 ** 30 });
const costs = calibrate(1, cost, (made) => scryptSync('secret', 'salt', 32, made));

function deriveKey() {
  return scryptSync('secret', 'salt', 32, costs);
}

await run(['deriveKey', () => void deriveKey()]);

// expect {"function": "sortNames", "cause": ["javascript", "native"], "thread": "main"}
import { calibrate, run } from './harness.mjs';

const namesOf = (count) => Array.from({ length: count }, (_, index) => `name ${(index * 7919) % 1_000_003}`);
const names = calibrate(50_000, namesOf, (made) => made.slice().sort());

function sortNames() {
  const copy = names.slice();
  return copy.sort();
}

await run(['sortNames', () => void sortNames()]);

// expect {"function": "copyState", "cause": ["javascript", "native"], "thread": "main"}
import { calibrate, run } from './harness.mjs';

const stateOf = (players) =>
  Array.from({ length: players }, (_, id) => ({ id, at: { x: id, y: -id }, items: ['sword', 'rope'] }));
const state = calibrate(10_000, stateOf, (made) => structuredClone(made));

function copyState() {
  return structuredClone(state);
}

await run(['copyState', () => void copyState()]);

// expect {"function": "loadRules", "cause": ["javascript", "native"], "thread": "main"}
import { Script } from 'node:vm';
import { run, timeUp } from './harness.mjs';

// Each another text, because V8 keeps what it has compiled.
let number = 0;
const rulesOf = (count) =>
  `${number++};${Array.from({ length: count }, (_, id) => `function rule${id}(a){return (()=>a.b${id}+1)()}`).join('\n')}`;

function loadRules() {
  const isOver = timeUp();
  while (!isOver()) new Script(rulesOf(5000));
}

await run(['loadRules', () => loadRules()]);

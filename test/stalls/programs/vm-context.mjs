// expect {"function": ["renderTemplate", "runTemplate"], "cause": ["javascript", "native"], "thread": "main"}
import { createContext, runInContext, Script } from 'node:vm';
import { run, timeUp } from './harness.mjs';

const context = createContext({ timeUp, Math });
const script = new Script(
  `(function renderTemplate() {
    const isOver = timeUp();
    let length = 0;
    while (!isOver()) for (let row = 0; row < 1000; row++) length += Math.sqrt(row);
  })()`,
  { filename: 'template.js' },
);
function runTemplate() {
  runInContext('const isOver = timeUp(); let n = 0; while (!isOver()) n++;', createContext({ timeUp }));
}

await run(['renderTemplate', () => script.runInContext(context)], ['runTemplate', () => runTemplate()]);

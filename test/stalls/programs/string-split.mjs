// expect {"function": "readLines", "cause": ["javascript", "native"], "thread": "main"}
import { run, timeUp } from './harness.mjs';

const log = 'time,level,message,user,route\n'.repeat(5000);

function readLines() {
  const isOver = timeUp();
  let cells = 0;
  // Each time another text: V8 keeps the pieces of the last ones.
  for (let page = 0; !isOver(); page++)
    cells += `${page}${log}`.split(/[,\n]/).length + `${log}${page}`.split(',').length;
  return cells;
}

await run(['readLines', () => void readLines()]);

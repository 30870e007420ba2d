// expect {"function": "countPaths", "cause": "javascript", "thread": "main"}
import { run, timeUp } from './harness.mjs';

function countPaths(depth, isOver) {
  if (depth > 3000 || isOver()) return 1;
  return 1 + countPaths(depth + 1, isOver);
}

await run([
  'countPaths',
  () => {
    const isOver = timeUp();
    while (!isOver()) countPaths(0, isOver);
  },
]);

// expect {"function": "describeTree", "cause": ["javascript", "native"], "thread": "main"}
import { inspect } from 'node:util';
import { run, timeUp } from './harness.mjs';

const tree = Array.from({ length: 500 }, (_, id) => ({
  id,
  leaves: [{ id, colour: 'green' }, new Map([[id, new Set([id])]])],
}));

const describeTree = () => {
  const isOver = timeUp();
  while (!isOver()) inspect(tree, { depth: 8, maxArrayLength: null });
};

await run(['describeTree', () => describeTree()]);

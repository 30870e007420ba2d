import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { default: createQueue } = await load('async/priorityQueue.js');
  const queue = createQueue((work, done) => work().then(() => done(), done), CAPACITY);
  return (work) => new Promise((resolve) => queue.push(work, 1, resolve));
}

import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { priorityQueue } = await load('async');
  const queue = priorityQueue((work, done) => work().then(() => done(), done), CAPACITY);
  return (work) => queue.push(work, 1);
}

import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { queue: createQueue } = await load('async');
  const queue = createQueue((work, done) => work().then(() => done(), done), CAPACITY);
  return (work) => queue.push(work);
}

import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { default: PQueue } = await load('p-queue');
  const queue = new PQueue({ concurrency: CAPACITY });
  return (work) => queue.add(work);
}

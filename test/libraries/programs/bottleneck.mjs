import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { default: Bottleneck } = await load('bottleneck');
  const limiter = new Bottleneck({ maxConcurrent: CAPACITY });
  return (work) => limiter.schedule(work);
}

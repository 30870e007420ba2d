import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { default: pLimit } = await load('p-limit');
  return pLimit(CAPACITY);
}

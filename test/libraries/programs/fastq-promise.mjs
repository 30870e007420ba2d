import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { default: fastq } = await load('fastq');
  const queue = fastq.promise((work) => work(), CAPACITY);
  return (work) => queue.push(work);
}

import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { default: fastq } = await load('fastq');
  const queue = fastq((work, done) => work().then(() => done(null), done), CAPACITY);
  return (work) => new Promise((resolve) => queue.push(work, resolve));
}

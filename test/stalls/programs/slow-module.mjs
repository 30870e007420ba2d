// Takes as long to load as a stall.
import { timeUp } from './harness.mjs';

export const table = prepareTables();

function prepareTables() {
  const isOver = timeUp();
  let sum = 0;
  while (!isOver()) for (let row = 0; row < 1000; row++) sum += Math.sqrt(row);
  return sum;
}

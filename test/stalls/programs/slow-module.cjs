// Takes as long to load as a stall.
const stallMs = Number(process.env.STALL_MS ?? 400);

exports.table = prepareTables();

function prepareTables() {
  const endMs = performance.now() + stallMs;
  let sum = 0;
  while (performance.now() < endMs) for (let row = 0; row < 1000; row++) sum += Math.sqrt(row);
  return sum;
}

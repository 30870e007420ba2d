// Code that has run for long when somebody looks: V8 has optimized an async function, and one into its caller.
function step(x) {
  return (x * 1103515245 + 12345) & 0x7fffffff;
}
function inlined(n) {
  let x = 1;
  for (let i = 0; i < n; i++) x = step(x);
  return x;
}
async function resumed(n) {
  let x = 1;
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < n; i++) x = step(x);
    await null;
  }
  return x;
}
const sums = [];
let turns = 0;
async function turn() {
  for (let i = 0; i < 100; i++) sums[0] = inlined(20_000);
  sums[1] = await resumed(500_000);
  if (++turns === 100) console.log('ready');
  setImmediate(turn);
}
turn();

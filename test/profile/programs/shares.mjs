// Three functions that work for 53, 27 and 19 parts of the time; it tells when and how long each really took so far, in milliseconds:
// on a machine that has other things to do, that is not the same.
function work(ms) {
  const endMs = performance.now() + ms;
  let sum = 0;
  while (performance.now() < endMs) {
    for (let i = 0; i < 10_000; i++) sum += i % 7;
  }
  return sum;
}

function largest() {
  return work(53);
}

function middle() {
  return work(27);
}

function smallest() {
  return work(19);
}

const spentMs = [0, 0, 0];
let beginMs = performance.now();

function took(which) {
  const nowMs = performance.now();
  spentMs[which] += nowMs - beginMs;
  beginMs = nowMs;
  console.log(JSON.stringify([Date.now(), ...spentMs]));
}

function round() {
  beginMs = performance.now();
  largest();
  took(0);
  middle();
  took(1);
  smallest();
  took(2);
  setImmediate(round);
}

console.log('ready');
round();

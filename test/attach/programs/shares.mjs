// Three functions that burn the processor as 53 to 27 to 19; one percent is for the rest.
function burn(ms) {
  const endMs = performance.now() + ms;
  let rounds = 0;
  while (performance.now() < endMs) rounds++;
  return rounds;
}

function largest() {
  return burn(5.3);
}

function middle() {
  return burn(2.7);
}

function smallest() {
  return burn(1.9);
}

function round() {
  largest();
  middle();
  smallest();
  setImmediate(round);
}

console.log('ready');
round();

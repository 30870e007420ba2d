// Never turns.
function neverEnds() {
  let sum = 0;
  for (;;) sum += Math.sqrt(sum + 1);
}
setTimeout(() => {
  console.log('ready');
  neverEnds();
}, 1);

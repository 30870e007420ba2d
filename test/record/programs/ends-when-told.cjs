// Works until SIGUSR2, and ends by itself then.
let goesOn = true;
process.once('SIGUSR2', () => {
  goesOn = false;
});
function lastWork() {
  const until = performance.now() + 20;
  while (performance.now() < until);
  if (goesOn) setTimeout(lastWork, 1);
}
console.log('ready');
lastWork();

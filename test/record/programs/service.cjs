// Ends in its own way.
process.on('SIGTERM', () => {
  console.log('ends in peace');
  clearInterval(timer);
  process.exitCode = 3;
});
const timer = setInterval(function serveOne() {
  const end = performance.now() + 5;
  while (performance.now() < end);
}, 10);
console.log('ready');

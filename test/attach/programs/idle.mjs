// Does nothing, and says so.
setInterval(() => {}, 60_000);
console.log('ready');

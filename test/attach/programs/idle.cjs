// Does nothing, as CommonJS.
setInterval(() => {}, 60_000);
console.log('ready');

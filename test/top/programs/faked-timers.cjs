// Replaces setImmediate by one that calls nothing, as fake timers of tests do.
globalThis.setImmediate = () => ({});
setInterval(() => {}, 20);
process.stdout.write('ready\n');

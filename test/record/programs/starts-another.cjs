// Has another Node, which it ends in its own way when it is to end.
const { fork } = require('node:child_process');

if (process.argv[2] === 'child') {
  process.on('SIGTERM', () => console.log('the child got the signal'));
  process.once('message', () => process.exit());
  process.send('up');
} else {
  const child = fork(__filename, ['child']);
  child.once('message', () => console.log('ready'));
  process.on('SIGTERM', () => {
    child.send('end');
    child.once('exit', (code) => {
      console.log(`the child ended with ${code}`);
      process.exit(4);
    });
  });
}

// A test that leaves a clock and timers of its own to the ones after it, which block, too.
const { mock, test } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');

function burn(forMs) {
  const end = performance.now() + forMs;
  while (performance.now() < end);
}

test('blocks', async () => {
  await delay(100);
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
  burn(400);
  mock.timers.tick(60_000);
  await new Promise((resolve) => process.nextTick(resolve));
});
test('waits', () => delay(700));
test('blocks again', () => {
  burn(400);
  mock.timers.tick(60_000);
});
test('puts them back', () => mock.timers.reset());

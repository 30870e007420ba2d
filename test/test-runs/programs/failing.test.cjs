const { test } = require('node:test');
test('fails', () => {
  throw new Error('as it should');
});
test('ends the process', () => process.exit(7));

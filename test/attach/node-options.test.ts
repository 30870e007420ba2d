import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NodeOptions, readNodeOptions } from '../../src/attach/node-options.js';

const read = (line: string, environment: Record<string, string> = {}): NodeOptions =>
  readNodeOptions({ command: line.split(' '), environment: new Map(Object.entries(environment)) });

for (const [line, program] of [
  ['node app.js', 'app.js'],
  ['node --import ./register.js --inspect-port 9300 dist/app.js --verbose', 'dist/app.js'],
  ['node -r ts-node/register src/app.ts', 'src/app.ts'],
  ['node -e setInterval(()=>{})', ''],
  ['node --eval 1 word', ''],
  ['node -', ''],
  ['node', ''],
] as const) {
  test(`the program of "${line}"`, () => assert.equal(read(line).program, program));
}

for (const [line, port, env] of [
  ['node app.js', 9229, {}],
  ['node --inspect-port=9300 app.js', 9300, {}],
  ['node --inspect-port 9300 app.js', 9300, {}],
  ['node --inspect=0.0.0.0:9301 app.js', 9301, {}],
  ['node --inspect app.js', 9229, {}],
  ['node --inspect=[::1]:0 app.js', 0, {}],
  ['node app.js --inspect-port=9300', 9229, {}],
  ['node app.js', 9302, { NODE_OPTIONS: '--max-old-space-size=100 --inspect-port=9302' }],
  ['node --inspect-port=9303 app.js', 9303, { NODE_OPTIONS: '--inspect-port=9302' }],
] as const) {
  test(`the port of "${line}" with ${JSON.stringify(env)}`, () => assert.equal(read(line, env).inspectorPort, port));
}

for (const [line, disabledBy] of [
  ['node --permission app.js', '--permission'],
  ['node --experimental-permission --allow-fs-read=* app.js', '--experimental-permission'],
  ['node --permission --allow-inspector app.js', undefined],
  ['node --disable-sigusr1 app.js', '--disable-sigusr1'],
  ['node app.js --permission', undefined],
] as const) {
  test(`what keeps "${line}" from opening its inspector`, () => assert.equal(read(line).disabledBy, disabledBy));
}

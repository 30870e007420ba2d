// What a program notices of it: nothing is loaded that it does not load, and nothing breaks where nothing may be changed.
import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import { test } from 'node:test';
import { registerFiles, runNode } from '../support/run-node.js';

const evaluate = (program: string) => ['--no-warnings', '--input-type=module', '--eval', program];

test('a module that the program loads later is wrapped later, and put back', async () => {
  // From Node 24 on, node:http loads zlib; before Node 22 there is no node:sqlite.
  const [module, holder, name] = isBuiltin('node:sqlite')
    ? ['sqlite', 'module.DatabaseSync.prototype', 'exec']
    : ['zlib', 'module.default', 'gzipSync'];
  const { stdout, stderr } = await runNode(
    evaluate(`
      import { get } from 'node:http';
      import { start } from 'loopsight';
      const loopsight = start({ log: false });
      const isLoaded = process.moduleLoadList.includes('NativeModule ${module}');
      const module = await import('node:${module}');
      const holder = ${holder};
      const original = holder.${name};
      const { url } = await loopsight.endpoint;
      await new Promise((resolve) => get(url, (response) => response.resume().on('end', resolve)));
      const isWrapped = holder.${name} !== original;
      await loopsight.stop();
      console.log(JSON.stringify({ isLoaded, isWrapped, isBack: holder.${name} === original }));
    `),
  );
  assert.deepEqual(JSON.parse(stdout), { isLoaded: false, isWrapped: true, isBack: true }, stderr);
});

test('calls can be left alone', async () => {
  const program = `
    import { existsSync } from 'node:fs';
    console.log([existsSync, JSON.parse].map(String).join().includes('checkpoint'));
  `;
  const args = ['--import', registerFiles.import, ...evaluate(program)];
  assert.equal((await runNode(args)).stdout, 'true\n', 'existsSync is wrapped, so that its source text is ours');
  assert.equal((await runNode(args, { env: { LOOPSIGHT_BLOCKING_CALLS: 'off' } })).stdout, 'false\n');
});

test('frozen intrinsics stay what they are', async () => {
  const program = `console.log(JSON.parse('[1]')[0], structuredClone(2));`;
  const args = ['--frozen-intrinsics', '--import', registerFiles.import, ...evaluate(program)];
  const { code, stdout, stderr } = await runNode(args);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '1 2\n', stderr: '' });
});

// `npm run test:matrix`: the suite on every supported version of Node; with arguments, on those alone: `-- 22 26`.
import { join } from 'node:path';
import { close, env, runTests, setUpOrEnd, testFilesBelow, total } from './checks.mjs';
import { ensureDebianPackages, ensureNode, NODE_VERSIONS } from './external-tools.mjs';
import { root } from './setup.mjs';

setUpOrEnd();
ensureDebianPackages();
const node24 = ensureNode(24);
// Neighbours that need a newer Node than the one under test run on this one.
if (node24 !== undefined) env.LOOPSIGHT_TEST_NODE24 = node24;

const asked = process.argv.slice(2);
const files = testFilesBelow(join(root, 'test')).filter((file) => !file.endsWith('.blocking.test.ts'));
for (const [major, version] of Object.entries(NODE_VERSIONS)) {
  if (asked.length > 0 && !asked.includes(major)) continue;
  const node = ensureNode(Number(major));
  if (node === undefined) total.skipped.push(`the suite on Node ${version} (its binary could not be installed)`);
  else runTests(`Node ${version}`, node, files);
}
close();

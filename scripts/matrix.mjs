// `npm run test:matrix`: the suite on every supported Node, and what uses OpenTelemetry with each of its lines as well.
//
//   npm run test:matrix -- 22 26    only on these versions of Node
import { join } from 'node:path';
import {
  close,
  dependsOnLine,
  env,
  OPENTELEMETRY_LINES,
  runTests,
  setUpOrEnd,
  testFilesBelow,
  total,
} from './checks.mjs';
import { ensureDebianPackages, ensureNode, NODE_VERSIONS } from './external-tools.mjs';
import { ensureLibraries } from './libraries.mjs';
import { ensurePrometheus3 } from './newer-prometheus.mjs';
import { root } from './setup.mjs';

setUpOrEnd();
ensureDebianPackages();
const node24 = ensureNode(24);
// Neighbours that need a newer Node than the one under test run on this one.
if (node24 !== undefined) env.LOOPSIGHT_TEST_NODE24 = node24;
ensurePrometheus3();
ensureLibraries();
env.LOOPSIGHT_PACKAGE_MATRIX = 'all';

const asked = process.argv.slice(2);
const files = testFilesBelow(join(root, 'test')).filter((file) => !file.endsWith('.blocking.test.ts'));
const rows = [];
for (const [major, version] of Object.entries(NODE_VERSIONS)) {
  if (asked.length > 0 && !asked.includes(major)) continue;
  const node = ensureNode(Number(major));
  if (node === undefined) {
    total.skipped.push(`the suite on Node ${version} (its binary could not be installed)`);
    continue;
  }
  const rest = await runTests(
    `Node ${version}`,
    node,
    files.filter((file) => !dependsOnLine(file)),
  );
  const cells = [];
  for (const [line, name] of Object.entries(OPENTELEMETRY_LINES)) {
    // OpenTelemetry 3 needs Node 22.15.
    if (line === 'otel3' && Number(major) < 22) cells.push('–');
    else {
      const title = `Node ${version}, OpenTelemetry ${name}`;
      cells.push(cellOf(await runTests(title, node, files.filter(dependsOnLine), { line })));
    }
  }
  rows.push([version, cellOf(rest), ...cells]);
}

const headings = [
  'Node',
  'the suite',
  ...Object.values(OPENTELEMETRY_LINES).map((name) => `with OpenTelemetry ${name}`),
];
console.log('');
for (const row of [headings, headings.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`);
close();

function cellOf({ passed, failed }) {
  return failed === 0 ? `${passed} passed` : `${passed} passed, ${failed} failed`;
}

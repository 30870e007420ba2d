// expect {"function": "packReport", "cause": ["native", "javascript"], "thread": "main"}
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { calibrate, run } from './harness.mjs';

const page = randomBytes(1 << 16).toString('hex');
const reportOf = (copies) => Buffer.from(page.repeat(copies));
const report = calibrate(8, reportOf, (made) => gzipSync(made));

function packReport() {
  return gzipSync(report).length;
}

await run(['packReport', () => void packReport()]);

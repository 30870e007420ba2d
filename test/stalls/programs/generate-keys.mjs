// expect {"function": "issueCertificate", "cause": ["native", "javascript"], "thread": "main"}
import { generateKeyPairSync } from 'node:crypto';
import { run, timeUp } from './harness.mjs';

function issueCertificate() {
  const isOver = timeUp();
  while (!isOver()) generateKeyPairSync('rsa', { modulusLength: 2048 });
}

await run(['issueCertificate', () => issueCertificate()]);

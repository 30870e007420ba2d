// expect {"function": "encodeAttachment", "cause": ["javascript", "native"], "thread": "main"}
import { run, timeUp } from './harness.mjs';

const attachment = Buffer.alloc(2e7, 7);

function encodeAttachment() {
  const isOver = timeUp();
  while (!isOver()) Buffer.from(attachment.toString('base64'), 'base64');
}

await run(['encodeAttachment', () => encodeAttachment()]);

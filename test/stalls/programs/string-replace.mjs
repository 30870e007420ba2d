// expect {"function": "escapePage", "cause": ["javascript", "native"], "thread": "main"}
import { run, timeUp } from './harness.mjs';

const page = '<p>one & two</p>\n'.repeat(30_000);

function escapePage() {
  const isOver = timeUp();
  while (!isOver())
    page
      .replaceAll('&', '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, () => '&gt;');
}

await run(['escapePage', () => escapePage()]);

// expect {"function": "formatReport", "cause": ["javascript", "native"], "thread": "main"}
import { run, timeUp } from './harness.mjs';

const formatReport = () => {
  const isOver = timeUp();
  for (let day = 0; !isOver(); day++) new Date(day * 864e5).toLocaleDateString('de-DE', { dateStyle: 'full' });
};

await run(['formatReport', () => formatReport()]);

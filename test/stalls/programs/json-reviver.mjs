// expect {"function": "reviveDates", "cause": ["javascript", "native"], "thread": "main"}
import { run, timeUp } from './harness.mjs';

const text = JSON.stringify(Array.from({ length: 2000 }, (_, day) => ({ day, at: new Date(day * 864e5) })));

function reviveDates(key, value) {
  if (key !== 'at') return value;
  const date = new Date(value);
  for (let day = 0; day < 50; day++) date.setUTCDate(date.getUTCDate() + 1);
  return date;
}

await run([
  'reviveDates',
  () => {
    const isOver = timeUp();
    while (!isOver()) JSON.parse(text, reviveDates);
  },
]);

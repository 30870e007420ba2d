// expect {"function": "saveSession", "cause": ["javascript", "native"], "thread": "main"}
import { calibrate, run } from './harness.mjs';

const sessionOf = (entries) =>
  Array.from({ length: entries }, (_, id) => ({ id, name: `visitor ${id}`, seen: [id, id + 1, { id }] }));
const session = calibrate(20_000, sessionOf, (made) => JSON.stringify(made));

function saveSession() {
  return JSON.stringify(session).length;
}

await run(['saveSession', () => void saveSession()]);

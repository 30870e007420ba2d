// expect {"function": "trackRead", "cause": "javascript", "thread": "main"}
import { run, timeUp } from './harness.mjs';

export let reads = 0;
function trackRead(target, key) {
  for (let index = 0; index < 1_000_000; index++) reads = (reads * 31 + index) | 0;
  return target[key];
}
const settings = new Proxy({ theme: 'dark' }, { get: trackRead });

await run([
  'trackRead',
  () => {
    const isOver = timeUp();
    while (!isOver()) settings.theme;
  },
]);

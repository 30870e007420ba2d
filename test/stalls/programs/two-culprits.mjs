// expect {"function": ["buildFeed", "resizeLogo"], "cause": "javascript", "thread": "main"}
import { run, stallMs, timeUp } from './harness.mjs';

export let sum = 0;
function buildFeed() {
  const isOver = timeUp(stallMs * 1.4);
  while (!isOver()) for (let index = 0; index < 1000; index++) sum = (sum * 31 + index) | 0;
}
function resizeLogo() {
  const isOver = timeUp(stallMs * 0.6);
  while (!isOver()) for (let index = 0; index < 1000; index++) sum = (sum * 17 + index) | 0;
}

await run(['buildFeed', () => buildFeed()], ['resizeLogo', () => resizeLogo()]);

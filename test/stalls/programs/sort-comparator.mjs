// expect {"function": "orderResults", "cause": "javascript", "thread": "main"}
import { run, timeUp } from './harness.mjs';

const results = Array.from({ length: 20_000 }, (_, index) => ({ title: `result ${(index * 7919) % 20_011}` }));

class SearchPage {
  orderResults() {
    const isOver = timeUp();
    while (!isOver()) results.slice().sort((one, other) => one.title.localeCompare(other.title));
  }
}

const page = new SearchPage();
await run(['orderResults', () => page.orderResults()]);

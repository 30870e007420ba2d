// expect {"function": ["#matchRules", "rebuildIndex"], "cause": "javascript", "thread": "main"}
import { run, timeUp } from './harness.mjs';

export let sum = 0;
class Firewall {
  static rebuildIndex() {
    const isOver = timeUp();
    while (!isOver()) for (let index = 0; index < 1000; index++) sum = (sum * 17 + index) | 0;
  }
  #matchRules() {
    const isOver = timeUp();
    while (!isOver()) for (let index = 0; index < 1000; index++) sum = (sum * 13 + index) | 0;
  }
  check() {
    this.#matchRules();
  }
}

const firewall = new Firewall();
await run(['#matchRules', () => firewall.check()], ['rebuildIndex', () => Firewall.rebuildIndex()]);

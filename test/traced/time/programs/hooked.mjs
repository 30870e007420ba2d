// Prints whether promises carry ids, which they do as long as somebody hooks them.
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { openWindow } from '../../../../dist/esm/instrumentations/traced/time/window.js';

const isHooked = () => Object.getOwnPropertySymbols(Promise.resolve()).length > 0;
const window = (budgetMs) =>
  openWindow({
    nowMs: () => performance.now(),
    idLimit: 1 << 19,
    budgetMs,
    hasPlaces: false,
    report(_cause, error) {
      throw error;
    },
    onCall() {},
    onClose() {},
  });

await sleep(1);
const seen = { before: isHooked() };
const ordinary = window(60);
seen.within = isHooked();
ordinary.close();
await sleep(1);
seen.after = isHooked();
const small = window(0.01);
seen.withinSmall = isHooked();
for (let i = 0; i < 1000; i++) await null;
if (small.isOpen) throw new Error('the budget is not spent');
// The hooks are taken off in an immediate, which a timer may come before.
await immediate();
seen.afterSmall = isHooked();
console.log(JSON.stringify(seen));

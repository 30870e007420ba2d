// Code that V8 optimized before anybody looked: its time is that of the functions that were written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attach } from '../../src/attach/attach.js';
import { recordWindow } from '../../src/attach/record-window.js';
import { profileFrom } from '../../src/profile/from-v8.js';
import { rank, timeOf } from '../../src/profile/hot.js';
import { nodes, startTarget, type TargetOptions } from '../support/target.js';

/** What V8 had begun to compile when the profiler began does not say what it inlined; it is compiled anew by the next one. */
const WINDOWS = 3;

async function sharesOf(options: TargetOptions) {
  const target = await startTarget('warm.mjs', options);
  try {
    const inspected = await attach(target.pid);
    const record = () => recordWindow(inspected, { durationMs: 1000, intervalUs: 1000, threads: 'main' });
    let recording = await record();
    for (let window = 1; window < WINDOWS; window++) recording = await record();
    await inspected.detach();
    const profile = profileFrom(recording, { title: 'warm', root: '/' });
    const { busyUs } = timeOf(profile);
    return new Map(rank(profile, 'function').map(({ name, totalUs }) => [name, totalUs / busyUs]));
  } finally {
    await target.kill();
  }
}

for (const [version, node] of nodes()) {
  test(`functions that were inlined, and async ones, have their own time: Node ${version}`, async () => {
    const shares = await sharesOf({ node });
    const [inlined = 0, resumed = 0] = ['inlined', 'resumed'].map((name) => shares.get(name));
    assert.ok(inlined > 0.35 && inlined < 0.65, `${inlined} ${resumed}`);
    assert.ok(resumed > 0.35 && resumed < 0.65, `${inlined} ${resumed}`);
  });
}

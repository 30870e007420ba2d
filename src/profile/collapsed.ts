// A profile as collapsed stacks: `main;serve (src/server.js:3);sell (src/shop.js:12) 1250`, with microseconds.
import { frameText } from './place.js';
import type { Profile } from './profile.js';
import { stackOf } from './tree.js';

/** Writes a profile as collapsed stacks, outermost function first; the idle loop is left out. */
export function writeCollapsed(profile: Profile): string {
  // Semicolons part the functions, and the last space the number.
  const names = profile.functions.map((code) => frameText(code, profile).replaceAll(';', ','));
  const severalThreads = profile.threads.length > 1;
  const lines: string[] = [];
  for (const { thread, nodes } of profile.threads) {
    const first = severalThreads ? `${frameText({ ...THREAD, name: thread }, profile).replaceAll(';', ',')};` : '';
    for (const [index, { selfUs, function: code }] of nodes.entries()) {
      if (selfUs <= 0 || index === 0 || profile.functions[code]?.origin === 'idle') continue;
      const stack = stackOf(nodes, index).map((at) => names[at] ?? '');
      lines.push(`${first}${stack.reverse().join(';')} ${Math.round(selfUs)}`);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

const THREAD = { name: '', file: '', line: 0, column: 0, origin: 'engine', package: '' } as const;

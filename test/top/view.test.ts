import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Deed, FIRST_VIEW, type Key, press, type Surroundings, type View } from '../../src/top/view.js';

const AROUND: Surroundings = { threadIds: [0, 3, 7], rows: 50, page: 20 };

const key = (text: string): Key => ({ sequence: text, name: text.toLowerCase() });
const named = (name: string): Key => ({ name, sequence: '\u001b[A' });
const control = (name: string): Key => ({ name, ctrl: true, sequence: String.fromCharCode(name.charCodeAt(0) - 96) });
const ENTER: Key = { name: 'return', sequence: '\r' };
const ESCAPE: Key = { name: 'escape', sequence: '\u001b' };

function afterKeys(keys: readonly Key[], from: Partial<View> = {}, around = AROUND): { view: View; deeds: Deed[] } {
  let view: View = { ...FIRST_VIEW, ...from };
  const deeds: Deed[] = [];
  for (const each of keys) {
    const pressed = press(view, each, around);
    view = pressed.view;
    if (pressed.deed !== undefined) deeds.push(pressed.deed);
  }
  return { view, deeds };
}

const CHANGES: readonly (readonly [what: string, keys: readonly Key[], from: Partial<View>, to: Partial<View>])[] = [
  ['f shows functions', [key('f')], { mode: 'thread', top: 4 }, { mode: 'function', top: 0 }],
  ['l shows lines', [key('l')], { top: 4 }, { mode: 'line', top: 0 }],
  ['p shows packages', [key('p')], {}, { mode: 'package' }],
  ['t shows threads', [key('t')], {}, { mode: 'thread' }],
  ['s sorts by the next column', [key('s')], {}, { sort: 'total' }],
  ['s comes back to the first', 'sssss'.split('').map(key), {}, { sort: 'own' }],
  ['o takes own code off the top', [key('o')], {}, { ownFirst: false }],
  ['space pauses', [key(' ')], {}, { paused: true }],
  ['space again goes on', [key(' '), key(' ')], {}, { paused: false }],
  ['? shows the help', [key('?')], {}, { help: true }],
  ['any key closes the help and does nothing else', [key('?'), key('p')], {}, { help: false, mode: 'function' }],
  ['T chooses the main thread', [key('T')], {}, { threadId: 0 }],
  ['T chooses the next one', [key('T'), key('T')], {}, { threadId: 3 }],
  ['T comes back to all', [key('T')], { threadId: 7 }, { threadId: undefined }],
  ['T starts anew where the thread has ended', [key('T')], { threadId: 5 }, { threadId: 0 }],
  ['/ and text and Enter filter', ['/', 's', 'q', 'ü'].map(key).concat(ENTER), {}, { filter: 'sqü', typed: undefined }],
  ['what is typed is no command', ['/', 'q', ' ', 't'].map(key), {}, { typed: 'q t', mode: 'function', paused: false }],
  [
    'backspace takes the last letter away',
    [key('/'), key('a'), key('😀'), { name: 'backspace', sequence: '\u007f' }],
    {},
    { typed: 'a' },
  ],
  ['Ctrl-U empties it', [key('/'), key('a'), control('u')], {}, { typed: '' }],
  ['arrows are no text', [key('/'), key('a'), named('left')], {}, { typed: 'a' }],
  [
    'Esc keeps the filter that was',
    [key('/'), key('a'), ESCAPE],
    { filter: 'old' },
    { filter: 'old', typed: undefined },
  ],
  [
    'Esc ends filter and choice of a thread',
    [ESCAPE],
    { filter: 'old', threadId: 3, top: 3 },
    { filter: '', threadId: undefined, top: 0 },
  ],
  ['down scrolls', [named('down')], {}, { top: 1 }],
  ['up stops at the top', [named('up')], {}, { top: 0 }],
  ['page down scrolls a page', [named('pagedown')], {}, { top: 20 }],
  ['page down stops at the last row', [named('pagedown'), named('pagedown')], {}, { top: 30 }],
  ['end shows the last row', [named('end')], {}, { top: 30 }],
  ['home shows the first', [named('home')], { top: 9 }, { top: 0 }],
  ['up begins at what is shown', [named('up')], { top: 1000 }, { top: 29 }],
  [
    'keys with Ctrl or Alt are no letters',
    [control('t'), { name: 't', meta: true, sequence: '\u001bt' }],
    {},
    { mode: 'function' },
  ],
];

describe('keys', () => {
  for (const [what, keys, from, to] of CHANGES) {
    it(what, () => {
      const { view, deeds } = afterKeys(keys, from);
      assert.deepEqual(view, { ...FIRST_VIEW, ...from, ...to });
      assert.deepEqual(deeds, []);
    });
  }

  const DEEDS: readonly (readonly [keys: readonly Key[], deed: Deed])[] = [
    [[key('q')], 'quit'],
    [[control('c')], 'quit'],
    [[key('?'), key('q')], 'quit'],
    [[key('/'), control('c')], 'quit'],
    [[{ sequence: '\u001c' }], 'quit'],
    [[control('z')], 'suspend'],
    [[control('l')], 'redraw'],
    [[key('c')], 'clear'],
  ];
  for (const [keys, deed] of DEEDS) {
    it(`${JSON.stringify(keys.at(-1))} after ${keys.length - 1} others: ${deed}`, () => {
      assert.deepEqual(afterKeys(keys).deeds, [deed]);
    });
  }
});

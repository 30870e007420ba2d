// The live screen: updates come in, keys change the view, and each has the screen drawn anew.
import { createCollected } from './collected.js';
import type { TopSource } from './figures.js';
import { drawFrame } from './frame.js';
import { renderLine } from './styled-text.js';
import type { Terminal, TerminalEvents } from './terminal.js';
import { type Key, press, type View } from './view.js';

export interface RunOptions {
  readonly view: View;
  readonly colour: boolean;
  readonly unicode: boolean;
  readonly signal: AbortSignal;
  readonly openTerminal: (events: TerminalEvents) => Terminal;
  /** Chooses what the view cannot know before the first update, such as a thread by its name. */
  readonly settle: (view: View, threads: readonly { readonly thread: string; readonly threadId: number }[]) => View;
}

/** How it ended: by a key or `signal`, or with the process; then with its last frame as text. */
export type Ending = { readonly how: 'left' } | { readonly how: 'ended'; readonly lastFrame: string };

/** Shows the process until somebody leaves or it ends; the terminal is given back by then, also where this rejects. */
export async function runTop(source: TopSource, options: RunOptions): Promise<Ending> {
  const { colour, unicode, signal } = options;
  const collected = createCollected();
  const leaving = new AbortController();
  const either = AbortSignal.any([signal, leaving.signal]);
  let view = options.view;
  let around = { rows: 0, page: 0 };

  const draw = (): void => {
    const size = terminal.size();
    const frame = drawFrame(source, collected, view, { ...size, unicode });
    around = frame;
    terminal.draw(frame.lines.map((line) => renderLine(line, size.columns, colour)));
  };

  const onKey = (key: Key): void => {
    const threadIds = collected.loops().map(({ latest }) => latest.threadId);
    const pressed = press(view, key, { threadIds, ...around });
    view = pressed.view;
    if (pressed.deed === 'quit') leaving.abort();
    else if (pressed.deed === 'suspend') terminal.suspend();
    else {
      if (pressed.deed === 'clear') collected.clear();
      if (pressed.deed === 'redraw') terminal.clear();
      draw();
    }
  };

  const terminal = options.openTerminal({ onKey, onRedraw: () => draw(), onGone: () => leaving.abort() });
  try {
    draw();
    let isSettled = false;
    for (let update = await source.next(either); update !== undefined; update = await source.next(either)) {
      if (view.paused) continue;
      collected.add(update);
      if (!isSettled) view = options.settle(view, update.loops);
      isSettled = true;
      draw();
    }
  } finally {
    terminal.close();
  }
  if (either.aborted) return { how: 'left' };
  const { columns } = terminal.size();
  const { lines } = drawFrame(
    source,
    collected,
    { ...view, help: false, paused: false },
    { columns, lines: undefined, unicode },
  );
  return { how: 'ended', lastFrame: `${lines.map((line) => renderLine(line, columns, colour)).join('\n')}\n` };
}

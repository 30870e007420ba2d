// Frames as text, one after the other, or one as JSON: where nobody looks at a screen.
import { escapeControls } from '../status/wording.js';
import { createCollected } from './collected.js';
import type { TopSource } from './figures.js';
import { drawFrame } from './frame.js';
import { renderLine } from './styled-text.js';
import { tableOf } from './table.js';
import type { View } from './view.js';

export interface PrintOptions {
  readonly view: View;
  readonly columns: number;
  readonly colour: boolean;
  readonly unicode: boolean;
  /** Whether the first frame is the last one. */
  readonly once: boolean;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly out: (text: string) => void;
  /** As for the live screen. */
  readonly settle: (view: View, threads: readonly { readonly thread: string; readonly threadId: number }[]) => View;
}

/** Rows of a printed frame; JSON has all of them. */
const ROW_LIMIT = 40;

/** Windows without an answer, before the first frame says so. */
const PATIENCE = 4;

/** Prints frames; resolves to how many there were, when the process has ended, `signal` aborted, or once is enough. */
export async function printTop(source: TopSource, options: PrintOptions): Promise<number> {
  const { columns, colour, unicode, once, json, signal, out } = options;
  const collected = createCollected();
  let { view } = options;
  let frames = 0;
  let unanswered = 0;
  for (let update = await source.next(signal); update !== undefined; update = await source.next(signal)) {
    collected.add(update);
    // A thread that turns and has told nothing yet is about to; one that does not turn can be, unless it is in a native call.
    const isBlocked = (update.loops[0]?.blockedMs ?? 0) > 0;
    unanswered += update.profile !== undefined ? PATIENCE : isBlocked ? PATIENCE / 2 : 1;
    if (frames === 0 && unanswered < PATIENCE) continue;
    if (frames === 0) view = options.settle(view, update.loops);
    frames++;
    if (json) out(`${frameJson(source, collected, view)}\n`);
    else {
      const { lines } = drawFrame(source, collected, view, { columns, lines: undefined, rowLimit: ROW_LIMIT, unicode });
      const text = lines.map((line) => renderLine(line, columns, colour)).join('\n');
      out(`${frames > 1 ? '\n' : ''}${text}\n`);
    }
    if (once) break;
  }
  return frames;
}

/** The frame as JSON in one line: shares from 0 to 1, times in milliseconds. */
function frameJson(source: TopSource, collected: ReturnType<typeof createCollected>, view: View): string {
  const { title, pid, nodeVersion } = source;
  const threads = collected.loops().map(({ latest }) => ({
    thread: latest.thread,
    threadId: latest.threadId,
    utilization: latest.utilization ?? null,
    lagMs: latest.lagMs ?? null,
    worstLagMs: latest.worstLagMs ?? null,
    blockedMs: latest.blockedMs,
    ...(latest.blockedBy === undefined ? {} : { blockedBy: latest.blockedBy }),
  }));
  const table = tableOf(collected, view);
  const rows =
    table.kind === 'threads'
      ? []
      : table.rows.map(({ name, place, origin, ownShare, totalShare, ownUs, totalUs }) => ({
          name,
          place,
          origin,
          own: round(ownShare),
          total: round(totalShare),
          ownMs: Math.round(ownUs) / 1000,
          totalMs: Math.round(totalUs) / 1000,
        }));
  const frame = {
    title,
    pid,
    nodeVersion,
    unixMs: Date.now(),
    windowMs: Math.round(collected.windowUs / 1000),
    by: view.mode,
    sort: view.sort,
    threads,
    rows,
    notes: collected.notes(),
  };
  return escapeControls(JSON.stringify(frame));
}

const round = (share: number): number => Math.round(share * 10_000) / 10_000;

// The variables of a dump that the observer took: it knows what each thread does, so that only those that run are paused.
import type { Inspected } from '../../attach/inspected.js';
import { placeOf, readFrames } from '../../stalls/blame/frames.js';
import type { Dump, DumpedThread } from '../dump.js';
import type { PlaceOptions } from '../thread-state.js';
import { pauseThread } from './paused-stack.js';

/** The dump with variables, and stacks of the moment at which these were read. Rejects with a CdpError where the process ends. */
export async function addLocals(dump: Dump, inspected: Inspected, { root, mapped }: PlaceOptions): Promise<Dump> {
  const known = await inspected.threads();
  const threads: DumpedThread[] = [];
  for (const thread of dump.threads) {
    const connection = known.find(({ threadId }) => threadId === thread.threadId)?.connection;
    const paused = connection === undefined || thread.stack.length === 0 ? undefined : await pauseThread(connection);
    if (paused === undefined || paused === 'idle') {
      threads.push(thread);
      continue;
    }
    const stack = readFrames(paused.frames).map((frame) => placeOf(mapped(frame), root));
    threads.push({ ...thread, stack, locals: paused.locals });
  }
  return { ...dump, threads };
}

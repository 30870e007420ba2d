// Writes windows of a thread as files that are there as a whole or not at all.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../dump/is-alive.js';
import type { V8Profile } from '../profile/v8-profile.js';
import { GONE_INDEX, type RecordedWindow, type RecordRequest, type WindowState } from './windows-folder.js';

/** Writes the next window; returns whether somebody still takes them. Never throws. */
export type WriteWindow = (profile: V8Profile | undefined, state: WindowState) => boolean;

/** Writes windows of `thread` into the folder, which it removes where the command was killed. */
export function createWindowWriter(
  { folder, parent }: Pick<RecordRequest, 'folder' | 'parent'>,
  thread: Pick<RecordedWindow, 'pid' | 'parent' | 'threadId' | 'thread' | 'nodeVersion' | 'title'>,
): WriteWindow {
  let index = 0;
  return (profile, state) => {
    const window: RecordedWindow = {
      ...thread,
      index: state === 'gone' ? GONE_INDEX : index++,
      unixMs: Date.now(),
      state,
      profile,
    };
    const file = join(folder, `${thread.pid}-${thread.threadId}-${window.index}`);
    try {
      if (!isAlive(parent)) {
        rmSync(folder, { recursive: true, force: true });
        return false;
      }
      writeFileSync(`${file}.part`, JSON.stringify(window), { mode: 0o600 });
      renameSync(`${file}.part`, `${file}.json`);
      return true;
    } catch {
      // The command has ended, and its folder is gone; or the disk is full.
      return false;
    }
  };
}

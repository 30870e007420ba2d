// Takes a slot and keeps it: looks whether it is still ours, and takes one again where it is not.
import type { Socket } from 'node:net';
import type { SlotWish } from './identity.js';
import { makeFolder, SWEPT_ATTEMPTS } from './place.js';
import { MAX_SLOTS, type Slot, takeSlot } from './slots.js';

const LOOK_EVERY_MS = 1_000;

/** An instance that is replaced may finish its work beside its successor; the name is waited for this long. */
const WAIT_FOR_NAME_MS = 10_000;
const TRY_EVERY_MS = 250;

export interface KeepSlotOptions {
  readonly folder: string;
  readonly uid: number;
  readonly wish: SlotWish;
  /** How long a fixed name that another process has is waited for. @default 10 s */
  readonly waitForNameMs?: number;
  readonly onConnection: (socket: Socket) => void;
  /** Told when the slot is another one; undefined when all are taken. */
  readonly onChange: (slot: Slot | undefined) => void;
  readonly report: (cause: string, error: unknown) => void;
}

/** A slot that is kept. */
export interface KeptSlot {
  /** The slot as it was taken first; undefined when all are taken. */
  readonly slot: Slot | undefined;
  /** Looks after it no more. */
  stop(): void;
}

/** Takes a slot as it is wished. Rejects where the folder is not to be used. */
export async function keepSlot(options: KeepSlotOptions): Promise<KeptSlot> {
  const { folder, uid, wish, waitForNameMs = WAIT_FOR_NAME_MS, onConnection, onChange, report } = options;
  let slot = await take(waitForNameMs);
  let isTaking = false;

  async function take(waitMs: number): Promise<Slot | undefined> {
    for (let waitedMs = 0; ; waitedMs += TRY_EVERY_MS) {
      const names = waitedMs < waitMs ? namesAtFirst(wish) : namesLater(wish);
      for (const name of names) {
        const taken = await takeIn(name);
        if (taken !== undefined) return taken;
      }
      if (wish.kind === 'numbered' || waitedMs >= waitMs) return undefined;
      await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    }
  }

  async function takeIn(name: string): Promise<Slot | undefined> {
    for (let attempt = 1; ; attempt++) {
      makeFolder(folder, uid);
      try {
        return await takeSlot(folder, name, onConnection);
      } catch (error) {
        // A folder that is gone is not told from one that may not be written: libuv says EACCES of both.
        if (attempt === SWEPT_ATTEMPTS) throw error;
      }
    }
  }

  async function look(): Promise<void> {
    if (isTaking || slot?.isOurs()) return;
    isTaking = true;
    try {
      slot?.release();
      // It is called as before meanwhile: without a name a scrape would show this process alone, as one of no group.
      slot = await take(0);
      onChange(slot);
    } catch (error) {
      report('the slot of this process in its group was lost', error);
    } finally {
      isTaking = false;
    }
  }

  if (slot === undefined) return { slot, stop: () => {} };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return { slot, stop: () => clearInterval(timer) };
}

function namesAtFirst(wish: SlotWish): string[] {
  if (wish.kind === 'fixed') return [wish.name];
  return Array.from({ length: MAX_SLOTS }, (_, index) => `${wish.prefix}${index + 1}`);
}

function namesLater(wish: SlotWish): string[] {
  const { kind } = wish;
  if (kind === 'numbered') return namesAtFirst(wish);
  return [wish.name, ...Array.from({ length: 8 }, (_, index) => `${wish.name}-${index + 2}`)];
}

// The serving member's view of its group: a connection to each slot, and what each shows.
// Only who serves gathers: one that did so before, to know what the serving one had counted when it dies, would be behind
// what that one has shown, and a counter that goes back is a reset to Prometheus, which then counts all of it again.
import type { Clock } from '../clock.js';
import { STALE_AFTER_S, withoutGauges } from '../observer/exposition.js';
import type { Endpoint } from '../observer/messages.js';
import type { Source } from '../prometheus/serialize.js';
import type { SeriesTable } from '../prometheus/snapshot.js';
import { createMemberFigures, type MemberFiguresTable } from './member-figures.js';
import { createRemoteMember, type RemoteMember } from './remote-member.js';
import { removeStale, slotNames, slotPath } from './slots.js';

/** A scrape waits this long for all members together; who is late is shown as it was last. */
const WAIT_MS = 30;

/** The first scrapes after a member took over wait this long for members to be heard of: it listens before it has asked. */
const FIRST_WAIT_MS = 250;

const LOOK_EVERY_MS = 250;

/** What a member counted before it ended is shown for this long: several scrapes see it. */
const FORGET_AFTER_S = 300;

/** Series of all members together; an observer has memory for some more. */
const MAX_SERIES = 150_000;

export interface GatheringOptions {
  readonly folder: string;
  /** The slot of this process, which is not connected to. */
  readonly ownSlot: () => string | undefined;
  readonly clock: Clock;
  /** Where this process serves. */
  readonly endpoint: Endpoint;
  readonly report: (cause: string, error: unknown) => void;
}

/** The other members, as of their last figures. */
export interface Gathering {
  /** Has every member send newer figures; resolves when they are there or have been waited for. */
  refresh(): Promise<void>;
  /** What a scrape shows: the figures of the others, and how every member stands. */
  take(): Source[];
  stop(): void;
}

interface Known {
  /** When its slot was found; nothing may ever be heard there. */
  readonly foundMs: number;
  readonly remote: RemoteMember;
  readonly about: MemberFiguresTable;
}

/** Starts to gather. */
export function startGathering(options: GatheringOptions): Gathering {
  const { folder, ownSlot, clock, endpoint, report } = options;
  const members = new Map<string, Known>();
  const own = createMemberFigures(clock);
  const startMs = clock.monotonicMs();
  let isFirst = true;

  function look(): void {
    // Before the rest: whoever is connected to is not over, and a socket that was left behind is, but for the attempt.
    const over = new Set([...members].filter(isOver).map(([name]) => name));
    for (const name of over) forget(name);
    let names: string[] = [];
    try {
      names = slotNames(folder);
    } catch {
      // The folder was cleared; our own slot brings it back.
    }
    for (const name of names) {
      if (name === ownSlot() || over.has(name)) continue;
      let member = members.get(name);
      if (member === undefined) {
        const remote = createRemoteMember({ name, path: slotPath(folder, name), clock, endpoint, report });
        member = { foundMs: clock.monotonicMs(), remote, about: createMemberFigures(clock) };
        members.set(name, member);
      }
      member.remote.connect();
    }
  }

  function isOver([name, { foundMs, remote }]: readonly [string, Known]): boolean {
    // Our own slot may have been another's before.
    if (name === ownSlot()) return true;
    const { isConnected, ageS } = remote.state();
    // Nobody comes to see the last figures of this run.
    if (ageS > FORGET_AFTER_S) remote.shown();
    const silentS = Number.isNaN(ageS) ? (clock.monotonicMs() - foundMs) / 1000 : ageS;
    return !isConnected && silentS > FORGET_AFTER_S;
  }

  function forget(name: string): void {
    members.get(name)?.remote.close();
    members.delete(name);
    if (name !== ownSlot()) void removeStale(slotPath(folder, name));
  }

  look();
  const timer = setInterval(look, LOOK_EVERY_MS);

  return {
    async refresh() {
      look();
      const remotes = [...members.values()].map(({ remote }) => remote);
      const answers = Promise.all(remotes.map((remote) => remote.refresh()));
      await within(WAIT_MS, answers);
      if (!isFirst) return;
      const leftMs = startMs + FIRST_WAIT_MS - clock.monotonicMs();
      if (leftMs > 0) await within(leftMs, Promise.all(remotes.map(({ isKnown }) => isKnown)));
      isFirst = false;
    },
    take() {
      const sources: Source[] = [];
      const ownName = ownSlot();
      if (ownName !== undefined) {
        const table = own.read({ isUp: true, ageS: 0, isServing: true });
        sources.push({ table, labels: { process: ownName } });
      }
      let series = 0;
      for (const [name, { remote, about }] of [...members].sort(byName)) {
        if (name === ownName) continue;
        const { figures, isUp, isConnected, ageS } = remote.state();
        const labels = { process: name };
        const standing = about.read({ isUp, ageS, isServing: false });
        // Without figures nothing is known of its labels either, and ours are not its.
        sources.push({ table: standing, labels, constantLabels: figures?.constantLabels ?? {} });
        if (figures === undefined) continue;
        const { tables, constantLabels, resource } = figures;
        series += tables.reduce((sum, { families }) => sum + sizeOf(families), 0);
        if (series > MAX_SERIES) {
          report('the group has more series than one endpoint shows', new Error(`those of ${name} are left out`));
          continue;
        }
        // What was true of a process that has ended is true of nothing now, while its totals stay totals.
        const isStale = !isConnected || ageS > STALE_AFTER_S;
        for (const [index, table] of tables.entries()) {
          const shown = isStale ? withoutGauges(table) : table;
          sources.push({ table: shown, labels, constantLabels, ...(index === 0 ? { resource } : {}) });
        }
        remote.shown();
      }
      return sources;
    },
    stop() {
      clearInterval(timer);
      for (const { remote } of members.values()) remote.close();
      members.clear();
    },
  };
}

function sizeOf(families: SeriesTable['families']): number {
  return [...families.values()].reduce((sum, { series }) => sum + series.size, 0);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

async function within(ms: number, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([done, patience]);
  clearTimeout(timer);
}

// One other member as the serving one sees it: a connection to its slot, and what it showed of itself last.
import { connect } from 'node:net';
import type { Clock } from '../clock.js';
import type { Endpoint } from '../observer/messages.js';
import { type Channel, openChannel } from './channel.js';
import { encodeFrame, type Frame } from './frames.js';
import type { ServingMessage } from './messages.js';
import { createFiguresTaker, type MemberFigures } from './take-figures.js';

/** A member that has not been heard of for this long is down: it speaks at least once a second. */
const SILENT_AFTER_MS = 2_000;

/** What a member showed, and which run of it. */
interface Run {
  readonly id: string;
  figures: MemberFigures | undefined;
  heardMs: number;
}

export interface RemoteMemberOptions {
  readonly name: string;
  readonly path: string;
  readonly clock: Clock;
  /** Where the group is served; said to the member first of all. */
  readonly endpoint: Endpoint;
  readonly report: (cause: string, error: unknown) => void;
}

/** How one member stands. */
export interface MemberState {
  readonly figures: MemberFigures | undefined;
  /** Whether it has been heard of lately. */
  readonly isUp: boolean;
  /** Whether it has a connection: one that is silent may speak again, one without has ended. */
  readonly isConnected: boolean;
  /** Seconds since it was heard of; NaN before. */
  readonly ageS: number;
}

/** A slot that somebody has or had. */
export interface RemoteMember {
  readonly name: string;
  /** Connects where there is no connection. */
  connect(): void;
  /** Asks for newer figures; resolves when they are there, or at once where an earlier question is still open. */
  refresh(): Promise<void>;
  /** Resolves when it has been heard for the first time, or the connection ended. */
  readonly isKnown: Promise<void>;
  state(): MemberState;
  /** To be called after a scrape has shown `state()`: figures of the slot's next run may be shown from now on. */
  shown(): void;
  close(): void;
}

/** Creates the member without a connection. */
export function createRemoteMember({ name, path, clock, endpoint, report }: RemoteMemberOptions): RemoteMember {
  let channel: Channel | undefined;
  let shownRun: Run | undefined;
  // The last figures of a run that ended are shown in one scrape at least, before those of the next run of the slot.
  let nextRun: Run | undefined;
  let waiting: (() => void)[] = [];
  let isAsked = false;
  let known: () => void = () => {};
  const isKnown = new Promise<void>((resolve) => {
    known = resolve;
  });

  function settle(): void {
    isAsked = false;
    known();
    const settled = waiting;
    waiting = [];
    for (const resolve of settled) resolve();
  }

  function open(): void {
    const socket = connect(path);
    const take = createFiguresTaker();
    let run: Run | undefined;
    const onFrame = (frame: Frame) => {
      const { type, run: id } = Object(frame.message) as { readonly type?: unknown; readonly run?: unknown };
      if (type === 'hello' && typeof id === 'string') run = begin(id);
      else if (type === 'figures' && run !== undefined) {
        run.figures = take(frame);
        run.heardMs = clock.monotonicMs();
        settle();
      }
    };
    const own = openChannel(socket, onFrame, (error) =>
      report('what was heard from a member of the group makes no sense', error),
    );
    channel = own;
    own.send(encodeFrame({ type: 'serving', endpoint } satisfies ServingMessage));
    socket.once('close', () => {
      if (channel === own) channel = undefined;
      settle();
    });
  }

  function begin(id: string): Run {
    if (shownRun?.id === id) return shownRun;
    if (nextRun?.id === id) return nextRun;
    const run: Run = { id, figures: undefined, heardMs: Number.NaN };
    if (shownRun?.figures === undefined) shownRun = run;
    else nextRun = run;
    return run;
  }

  return {
    name,
    isKnown,
    connect() {
      if (channel === undefined) open();
    },
    refresh() {
      if (channel === undefined || isAsked) return Promise.resolve();
      isAsked = true;
      channel.send(encodeFrame({ type: 'collect' } satisfies ServingMessage));
      return new Promise((resolve) => waiting.push(resolve));
    },
    state() {
      const ageMs = clock.monotonicMs() - (shownRun?.heardMs ?? Number.NaN);
      const isConnected = channel !== undefined;
      return {
        figures: shownRun?.figures,
        isUp: isConnected && ageMs < SILENT_AFTER_MS,
        isConnected: isConnected && nextRun === undefined,
        ageS: ageMs / 1000,
      };
    },
    shown() {
      if (nextRun?.figures === undefined) return;
      shownRun = nextRun;
      nextRun = undefined;
    },
    close() {
      channel?.close();
    },
  };
}

// A member's side of its slot: whoever serves the group connects, hears of the figures every second, and asks for newer ones.
import type { Socket } from 'node:net';
import type { OwnFigures } from '../observer/exposition.js';
import type { Endpoint } from '../observer/messages.js';
import { type Channel, openChannel } from './channel.js';
import { encodeFrame } from './frames.js';
import type { Hello } from './messages.js';
import { createFiguresTeller } from './tell-figures.js';

/** A killed member loses what it counted since it was heard last: a second, less what a busy machine takes to tell. */
const TELL_EVERY_MS = 800;

/** Less than the serving member waits for all of them (gathering.ts): a main thread that is busy must not make it late. */
const WAIT_MS = 20;

/** One process serves, and at times another is about to: who connects beyond that is none of us. */
const MAX_LISTENERS = 4;

export interface MemberOptions {
  /** Has the figures of the main thread renewed; may take long. */
  readonly refresh: () => Promise<void>;
  readonly figures: () => OwnFigures;
  /** Told where the group is served when that is heard, and of its end. */
  readonly onServed: (endpoint: Endpoint | undefined) => void;
  readonly report: (cause: string, error: unknown) => void;
}

/** A member that can be connected to. */
export interface Member {
  /** Takes a connection to the slot. */
  accept(socket: Socket): void;
  stop(): void;
}

/** One who listens to the figures. */
interface Listener {
  readonly channel: Channel;
  readonly encode: (figures: OwnFigures) => Buffer;
  /** Where it serves; undefined of who did not say so: others connect as well, to see whether somebody has this slot. */
  endpoint: Endpoint | undefined;
}

/** Creates the member; it tells its figures only while somebody listens. */
export function createMember(options: MemberOptions): Member {
  const { refresh, figures, onServed, report } = options;
  const hello: Hello = { type: 'hello', run: `${process.pid}-${process.hrtime.bigint()}` };
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | undefined;

  function tell(listener: Listener): void {
    // Who has not read the last figures gets newer ones when it has.
    if (!listener.channel.isClear) return;
    try {
      listener.channel.send(listener.encode(figures()));
    } catch (error) {
      listener.channel.close();
      report('the figures cannot be handed to the member of the group that serves', error);
    }
  }

  async function tellNewest(to: Iterable<Listener>): Promise<void> {
    // A failed collection is reported where it fails; the last figures are still worth telling.
    await Promise.race([refresh().catch(() => {}), new Promise((resolve) => setTimeout(resolve, WAIT_MS))]);
    for (const listener of to) if (listeners.has(listener) && listener.endpoint !== undefined) tell(listener);
  }

  function serving(): Endpoint | undefined {
    return [...listeners].find(({ endpoint }) => endpoint !== undefined)?.endpoint;
  }

  return {
    accept(socket) {
      if (listeners.size >= MAX_LISTENERS) {
        socket.destroy();
        return;
      }
      const channel = openChannel(
        socket,
        ({ message }) => {
          const { type, endpoint } = Object(message) as { readonly type?: unknown; readonly endpoint?: unknown };
          if (type === 'collect') void tellNewest([listener]);
          else if (type === 'serving') {
            listener.endpoint = endpointOf(endpoint);
            onServed(serving());
            void tellNewest([listener]);
            timer ??= setInterval(() => void tellNewest([...listeners]), TELL_EVERY_MS);
          }
        },
        (error) => report('what was heard from another member of the group makes no sense', error),
      );
      const listener: Listener = { channel, encode: createFiguresTeller(), endpoint: undefined };
      listeners.add(listener);
      channel.send(encodeFrame(hello));
      socket.once('close', () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
        if (listener.endpoint !== undefined) onServed(serving());
      });
    },
    stop() {
      clearInterval(timer);
      for (const { channel } of listeners) channel.close();
    },
  };
}

function endpointOf(value: unknown): Endpoint | undefined {
  const { host, port, url } = Object(value) as Partial<Endpoint>;
  if (typeof host !== 'string' || typeof port !== 'number' || typeof url !== 'string') return undefined;
  return { host, port, url };
}

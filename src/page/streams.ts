// Clients of the event stream: a bounded number, each sent what is new once a second, and nothing while it does not read.
import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.js';
import { SET_BACK_S } from './history.js';
import type { PageHistory, PageState, PageStateEvent } from './state.js';

/** Pages that can be open at the same time. */
export const MAX_STREAMS = 8;
/** Who has not read for so long is gone. */
const UNREAD_MS = 30_000;
/** Then the client comes again, and shows its credentials again. */
const LONGEST_MS = 10 * 60_000;

export interface StreamsOptions {
  readonly clock: Clock;
  /** How it is now, with the points of the history after a second. */
  readonly state: (afterUnixS: number) => Promise<PageState>;
  readonly report: (cause: string, error: unknown) => void;
}

/** The open streams. */
export interface Streams {
  readonly count: number;
  readonly isFull: boolean;
  /** Begins a stream, or ends the answer where there are too many. */
  open(response: ServerResponse, headers: Readonly<Record<string, string>>): void;
  /** Sends what is new. */
  send(): Promise<void>;
  stop(): void;
}

interface Client {
  readonly response: ServerResponse;
  readonly openedMs: number;
  /** Since when it does not read; undefined while it does. */
  unreadMs: number | undefined;
  /** Whether it has the history. */
  hasBegun: boolean;
  /** The newest point that it has. */
  lastUnixS: number;
  /** What it was told of stalls. */
  stalls: string;
}

/** Creates no stream yet. */
export function createStreams({ clock, state, report }: StreamsOptions): Streams {
  const clients = new Set<Client>();
  let isSending = false;

  function write(client: Client, event: 'history' | 'state', data: PageHistory | PageStateEvent): void {
    const isTaken = client.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (!isTaken) client.unreadMs ??= clock.monotonicMs();
  }

  function sendTo(client: Client, now: PageState): void {
    const { stalls, blockers, ...rest } = now;
    const told = JSON.stringify([stalls, blockers]);
    const isNew = told !== client.stalls;
    client.stalls = told;
    client.lastUnixS = now.history.unixS.at(-1) ?? client.lastUnixS;
    write(client, 'state', isNew ? now : rest);
  }

  function isOver({ openedMs, unreadMs }: Client, nowMs: number): boolean {
    return nowMs - openedMs > LONGEST_MS || nowMs - (unreadMs ?? nowMs) > UNREAD_MS;
  }

  async function begin(client: Client): Promise<void> {
    const now = await state(Number.NEGATIVE_INFINITY);
    if (!clients.has(client)) return;
    write(client, 'history', now.history);
    client.lastUnixS = now.history.unixS.at(-1) ?? Number.NEGATIVE_INFINITY;
    sendTo(client, { ...now, history: emptyHistory(now.history) });
    client.hasBegun = true;
  }

  /** Sends each what is new to it; those that know the same are told the same. */
  async function sendAll(): Promise<void> {
    const nowMs = clock.monotonicMs();
    const made = new Map<number, PageState>();
    for (const client of [...clients]) {
      if (isOver(client, nowMs)) {
        clients.delete(client);
        if (client.unreadMs === undefined) client.response.end();
        else client.response.destroy();
      } else if (client.unreadMs === undefined && client.hasBegun) {
        const now = made.get(client.lastUnixS) ?? (await state(client.lastUnixS));
        made.set(client.lastUnixS, now);
        if (!clients.has(client)) continue;
        if (now.unixMs / 1000 < client.lastUnixS - SET_BACK_S) await begin(client);
        else sendTo(client, now);
      }
    }
  }

  return {
    get count() {
      return clients.size;
    },
    get isFull() {
      return clients.size >= MAX_STREAMS;
    },
    open(response, headers) {
      if (clients.size >= MAX_STREAMS) {
        response.destroy();
        return;
      }
      response.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        // A proxy that collects answers would show the page everything late.
        'X-Accel-Buffering': 'no',
        ...headers,
      });
      const client: Client = {
        response,
        openedMs: clock.monotonicMs(),
        unreadMs: undefined,
        hasBegun: false,
        lastUnixS: Number.NEGATIVE_INFINITY,
        stalls: '',
      };
      clients.add(client);
      response.on('drain', () => {
        client.unreadMs = undefined;
      });
      response.on('close', () => clients.delete(client));
      response.on('error', () => response.destroy());
      begin(client).catch((error) => {
        report('the live page could not be told of', error);
        response.destroy();
      });
    },
    async send() {
      if (isSending) return;
      isSending = true;
      try {
        await sendAll();
      } finally {
        isSending = false;
      }
    },
    stop() {
      for (const { response } of clients) response.destroy();
      clients.clear();
    },
  };
}

function emptyHistory(history: PageHistory): PageHistory {
  const columns = Object.keys(history).map((name) => [name, []]);
  return Object.fromEntries(columns) as unknown as PageHistory;
}

// Requests and events of one inspector, over whatever carries its messages.
import { type CdpConnection, CdpError } from './connection.js';

/** Carries messages; what arrives is given to `receive`, and its end to `end`. */
export interface Carrier {
  send(message: string): void;
  close(): void;
}

/** A connection, and what its carrier tells it. */
export interface CarriedConnection {
  readonly connection: CdpConnection;
  receive(message: string): void;
  /** The carrier has ended. */
  end(): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message?: unknown };
}

interface Waiting {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: CdpError) => void;
}

/** Creates a connection over `carrier`. */
export function createConnection(carrier: Carrier): CarriedConnection {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, Set<(params: unknown) => void>>();
  let lastId = 0;
  let isOver = false;
  let tellClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    tellClosed = resolve;
  });

  function end(): void {
    if (isOver) return;
    isOver = true;
    for (const { method, reject } of waiting.values()) reject(new CdpError(`${method}: the connection has ended`));
    waiting.clear();
    listeners.clear();
    tellClosed();
  }

  function receive(text: string): void {
    if (isOver) return;
    const { id, method, params, result, error } = parse(text);
    if (id === undefined) {
      for (const listener of [...(listeners.get(method ?? '') ?? [])]) listener(params ?? {});
      return;
    }
    const request = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) request?.resolve(result ?? {});
    else request?.reject(new CdpError(`${request.method}: ${String(error.message ?? 'refused')}`));
  }

  const connection: CdpConnection = {
    post(method, params) {
      if (isOver) return Promise.reject(new CdpError(`${method}: the connection has ended`));
      const id = ++lastId;
      const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { method, resolve, reject }));
      carrier.send(JSON.stringify({ id, method, ...(params === undefined ? {} : { params }) }));
      return answer;
    },
    on(event, listener) {
      const ofEvent = listeners.get(event) ?? new Set();
      listeners.set(event, ofEvent.add(listener));
      return () => ofEvent.delete(listener);
    },
    closed,
    close() {
      if (isOver) return;
      carrier.close();
      end();
    },
  };
  return { connection, receive, end };
}

// Who answers is another program: what is no message is passed over.
function parse(text: string): Message {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null ? (message as Message) : {};
  } catch {
    return {};
  }
}

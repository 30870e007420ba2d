// What a client asks: read, checked, and put together anew. A message for a worker is in one for the main thread. Pure.
import { allowedParams, HOLDING, isObject, TO_WORKER } from './allowed.js';

/** How a thread is reached: the session that the main thread relays to it by; empty for the main thread itself. */
export type Route = string;
export const MAIN: Route = '';

/** A message of a client, for one thread. */
interface Addressed {
  readonly route: Route;
  /** The id of the request, which for a worker is in another message. */
  readonly id: number;
  /** The id of the message that was sent. */
  readonly sentId: number;
}

/** A request that may be passed on. */
export interface ThreadRequest extends Addressed {
  readonly method: string;
  readonly params: object;
  /** Whether it holds the thread for a while. */
  readonly isHolding: boolean;
}

/** One that may not. */
export interface Refused extends Addressed {
  readonly reason: string;
}

/** Ids from here on are the relay's own. */
export const OWN_IDS = 2 ** 30;

/** Reads one message. Undefined where it is none that could be answered. */
export function readRequest(text: string): ThreadRequest | Refused | undefined {
  const sent = readMessage(text);
  if (sent === undefined) return undefined;
  const sentId = sent.id;
  if (sent.method !== TO_WORKER) return checked(sent, { route: MAIN, id: sentId, sentId });
  const { sessionId, message } = sent.params;
  const inner = typeof message === 'string' ? readMessage(message) : undefined;
  // Every worker is reached from the main thread, also those of workers.
  if (inner === undefined || typeof sessionId !== 'string' || sessionId === MAIN) {
    return { route: MAIN, id: sentId, sentId, reason: 'The parameters are not allowed through the observer.' };
  }
  return checked(inner, { route: sessionId, id: inner.id, sentId });
}

function checked({ method, params }: Message, addressed: Addressed): ThreadRequest | Refused {
  const allowed = allowedParams(method, params);
  if (typeof allowed === 'string') return { ...addressed, reason: allowed };
  return { ...addressed, method, params: allowed, isHolding: HOLDING.has(method) };
}

interface Message {
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function readMessage(text: string): Message | undefined {
  const { id, method, params = {} } = parse(text) ?? {};
  return isId(id) && typeof method === 'string' && isObject(params) ? { id, method, params } : undefined;
}

function isId(id: unknown): id is number {
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < OWN_IDS;
}

/** The object that `text` is as JSON; undefined where it is none. */
export function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

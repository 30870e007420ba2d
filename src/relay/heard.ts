// What an inspector says, as far as the relay needs to know. Pure.
import { parse } from './requests.js';

/** Parameters of what the main thread's inspector says of workers. */
export interface Said {
  readonly sessionId?: string;
  readonly message?: string;
  readonly workerInfo?: { readonly title?: string };
}

/** The id of an answer, or the method of an event. */
export interface Head {
  readonly id?: number | undefined;
  readonly method?: string | undefined;
}

/** What a message begins with. Profiles are long, and nothing else of them is needed: ids and methods are written first. */
export function headOf(message: string): Head {
  const [, id, method] = /^\{"(?:id":(\d+)|method":"([\w.]+)")/.exec(message) ?? [];
  if (id !== undefined) return { id: Number(id) };
  if (method !== undefined) return { method };
  // Of errors the id comes last.
  const { id: lastId } = parse(message) ?? {};
  return typeof lastId === 'number' ? { id: lastId } : {};
}

/** The id of a thread by its title: `[worker 3] name` since Node 20, `Worker 3` before. */
export function threadIdOf(title: string): number {
  return Number(/^(?:\[worker |Worker )(\d+)/i.exec(title)?.[1] ?? Number.NaN);
}

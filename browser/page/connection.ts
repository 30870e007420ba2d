// Reads the event stream. Not by EventSource, which shows no credentials; so it comes again by itself as well.
import type { PageHistory, PageStateEvent } from '../../src/page/state.js';

/** How it is with the process. */
export type ConnectionState = 'waiting' | 'live' | 'lost' | 'denied' | 'full';

export interface ConnectionHandlers {
  readonly onHistory: (history: PageHistory) => void;
  readonly onState: (state: PageStateEvent) => void;
  readonly onConnection: (state: ConnectionState) => void;
}

/** A connection that is kept up. */
export interface Connection {
  /** Comes again with another token. */
  signIn(token: string): void;
  /** What requests of the page have to show. */
  headers(): Record<string, string>;
}

/** Nothing for so long is no connection. */
const SILENT_MS = 6_000;
const AGAIN_MS = 1_000;
const AGAIN_AT_MOST_MS = 10_000;
const KEY = 'loopsight-token';

/** Connects, and comes again whenever the stream ends. */
export function connect({ onHistory, onState, onConnection }: ConnectionHandlers): Connection {
  let token = stored();
  let attempt = 0;
  let current = new AbortController();
  let waiting: number | undefined;
  let page: string | null | undefined;

  const headers = (): Record<string, string> => (token === '' ? {} : { Authorization: `Bearer ${token}` });

  function take(event: string, data: string): void {
    if (event === 'history') onHistory(JSON.parse(data) as PageHistory);
    else if (event === 'state') {
      onConnection('live');
      onState(JSON.parse(data) as PageStateEvent);
    }
  }

  async function read(own: AbortController): Promise<void> {
    let silence = setTimeout(() => own.abort(), SILENT_MS);
    try {
      const response = await fetch('/page/events', { headers: headers(), signal: own.signal, cache: 'no-store' });
      if (response.status === 401) return onConnection('denied');
      if (response.status === 503) onConnection('full');
      if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
      // The service was started anew, with another version of this page.
      const served = response.headers.get('Loopsight-Page');
      if (page !== undefined && page !== served) location.reload();
      page = served;
      attempt = 0;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        clearTimeout(silence);
        silence = setTimeout(() => own.abort(), SILENT_MS);
        text += next.value;
        for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
          const [first = '', second = ''] = text.slice(0, end).split('\n');
          text = text.slice(end + 2);
          take(first.replace('event: ', ''), second.replace('data: ', ''));
        }
      }
      again(AGAIN_MS);
    } catch {
      if (own !== current) return;
      if (attempt > 0) onConnection('lost');
      again(Math.min(AGAIN_AT_MOST_MS, AGAIN_MS * ++attempt));
    } finally {
      clearTimeout(silence);
    }
  }

  function again(delayMs: number): void {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      current = new AbortController();
      void read(current);
    }, delayMs);
  }

  again(0);
  return {
    signIn(given) {
      token = given;
      store(given);
      current.abort();
      again(0);
    },
    headers,
  };
}

// A browser may be told to keep nothing.
function stored(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

function store(token: string): void {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // Then it is asked for again after the next visit.
  }
}

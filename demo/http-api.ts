// What the service answers over HTTP, without HTTP: handlers take what they need and return an answer.
import { Traced } from 'loopsight';
import { blockLoop } from './block-loop.js';
import type { ServiceFlags } from './flags.js';
import type { History } from './history.js';
import type { Reports } from './reports.js';
import type { RestartQueue } from './restart-queue.js';
import type { RestartConsumers } from './restarts.js';
import type { Totals } from './totals.js';

export interface Answer {
  readonly status: number;
  readonly type: 'application/json' | 'text/html' | 'text/plain';
  readonly body: string;
}

export interface ServiceParts {
  readonly flags: ServiceFlags;
  readonly queue: RestartQueue;
  readonly consumers: RestartConsumers;
  readonly history: History;
  readonly reports: Reports;
  readonly totals: Totals;
}

const HOST_NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/i;
const MOST_BLOCKED_MS = 60_000;

export class HttpApi {
  readonly #parts: ServiceParts;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  @Traced()
  describe(): Answer {
    const { flags, queue, consumers, history } = this.#parts;
    return json(200, {
      service: 'mayhem',
      version: flags.version,
      faults: [...flags.faults],
      restarts: { waiting: queue.depth, ...consumers.counts },
      writtenBytes: history.writtenBytes,
    });
  }

  /** What was counted in truth, and what the database says; they are equal but for updates under way. */
  @Traced()
  showTotals(): Answer {
    const { counted, stored } = this.#parts.totals;
    return json(200, { counted, stored });
  }

  @Traced()
  async addRestart(host: string): Promise<Answer> {
    if (!HOST_NAME.test(host)) return text(400, 'Expected host to be a host name, as in /restarts?host=web-1');
    const event = this.#parts.queue.add(host);
    void this.#parts.totals.add(1);
    return event === undefined ? text(503, 'The queue of restarts is full') : json(202, { id: event.id, host });
  }

  @Traced()
  async showReport(id: number): Promise<Answer> {
    try {
      return { status: 200, type: 'text/html', body: await this.#parts.reports.render(id) };
    } catch (error) {
      return text(503, error instanceof Error ? error.message : 'The report could not be rendered');
    }
  }

  @Traced()
  block(forMs: number): Answer {
    if (!this.#parts.flags.allowBlock) return text(404, 'Start the service with --allow-block to block its loop');
    if (!(forMs >= 1 && forMs <= MOST_BLOCKED_MS)) {
      return text(400, `Expected ms to be a number from 1 to ${MOST_BLOCKED_MS}`);
    }
    blockLoop(forMs);
    return text(200, `The loop was blocked for ${forMs} ms`);
  }
}

/** A plain answer of one line. */
export function text(status: number, line: string): Answer {
  return { status, type: 'text/plain', body: `${line}\n` };
}

function json(status: number, value: object): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

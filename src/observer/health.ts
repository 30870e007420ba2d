// /livez and /healthz: whether the observer runs, and whether the loops do.
import type { IncomingMessage } from 'node:http';
import type { Reply, Routes } from '../prometheus/routes.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import { stallSentence } from '../stalls/tell/stall-sentence.js';
import { isExpected, type OngoingStall } from '../stalls/watch/ongoing.js';

export interface HealthOptions {
  /** A loop that has not turned for this long is unhealthy, in milliseconds; 0 is never. */
  readonly unhealthyAfterMs: number;
  /** Loops that are held right now. */
  readonly ongoing: () => readonly OngoingStall[];
  /** Whether no code is named, because others than those who may scrape can ask. @default false */
  readonly brief?: boolean;
}

/** What orchestrators ask; a worker that waits for its next task is healthy, and so is a program in a debugger. */
export function healthRoutes({ unhealthyAfterMs, ongoing, brief = false }: HealthOptions): Routes {
  const ok = (request: IncomingMessage) => reply(request, 200, { status: 'ok' }, 'ok');
  return {
    '/livez': ok,
    '/healthz': (request) => {
      const stalls = unhealthyAfterMs > 0 ? ongoing() : [];
      const found = stalls
        .filter(({ blockedMs }) => blockedMs >= unhealthyAfterMs)
        .map((stall) => ({ ...stall, report: stall.report() }))
        .find(({ report }) => !isExpected(report));
      if (found === undefined) return ok(request);
      return brief ? reply(request, 503, { status: 'unhealthy' }, 'unhealthy') : unhealthy(request, found.report);
    },
  };
}

function unhealthy(request: IncomingMessage, report: StallReport): Reply {
  const { thread, cause, culprit } = report;
  const message = stallSentence(report);
  const details = {
    status: 'unhealthy',
    thread,
    blockedMs: Math.round(report.durationMs),
    cause,
    ...(culprit === undefined ? {} : { culprit }),
    message,
  };
  return reply(request, 503, details, `unhealthy: thread ${thread}: ${message}`);
}

function reply({ headers }: IncomingMessage, status: number, details: object, line: string): Reply {
  const wantsJson = headers.accept?.includes('application/json') === true;
  return wantsJson
    ? { status, body: `${JSON.stringify(details)}\n`, type: 'application/json; charset=utf-8' }
    : { status, body: `${line}\n` };
}

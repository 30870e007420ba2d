// The live page in the observer: what is kept, who is told, and the routes.
import type { Guard } from '../access/guard.js';
import type { Clock } from '../clock.js';
import type { OwnFigures } from '../observer/exposition.js';
import type { V8Recording } from '../profile/v8-profile.js';
import type { Reply, Routes } from '../prometheus/routes.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import type { OngoingStall } from '../stalls/watch/ongoing.js';
import type { TaskReader } from '../tasks/collect.js';
import { startLivePage } from './live-page.js';
import { pageReply } from './page-text.js';
import { pageRoutes, type RecordOptions } from './routes.js';
import { PAGE_PATHS } from './state.js';
import { createStreams } from './streams.js';

export interface PageOptions {
  readonly clock: Clock;
  readonly resource: Readonly<Record<string, string>>;
  readonly stallThresholdMs: number;
  readonly guard: Guard | undefined;
  readonly refresh: () => Promise<void>;
  /** Reads the figures of this process. */
  readonly figures: () => OwnFigures;
  readonly ageS: () => number;
  readonly blockedMs: () => number;
  readonly ongoing: () => readonly OngoingStall[];
  readonly tasks: TaskReader | undefined;
  /** The application's folder. */
  readonly root: string;
  /** The name of this process in its group; undefined while it is in none. */
  readonly group: () => string | undefined;
  /** Records this process; undefined where that cannot be done. */
  readonly record?: ((options: RecordOptions) => Promise<V8Recording>) | undefined;
  readonly report: (cause: string, error: unknown) => void;
}

/** The page, for whoever serves. */
export interface Page {
  readonly routes: Routes;
  /** Who has to show credentials first is shown the page, which asks for them. */
  readonly onDenial: (path: string, denial: Reply) => Reply;
  /** Takes a stall that is over. */
  addStall(report: StallReport): void;
}

/** Starts it. */
export function startPage(options: PageOptions): Page {
  const { clock, resource, report, root, record } = options;
  const page = startLivePage({
    ...options,
    tables: () => options.figures().tables,
    process: {
      pid: process.pid,
      service: resource['service.name'] ?? '',
      version: resource['service.version'] ?? '',
      nodeVersion: process.version,
      canProfile: record !== undefined,
      stallThresholdMs: options.stallThresholdMs,
    },
    uptimeS: () => process.uptime(),
    isWatched: () => streams.count > 0,
    onSecond: () => {
      streams.send().catch((error) => report('the live page could not be told of', error));
    },
  });
  const streams = createStreams({ clock, state: page.state, report });
  return {
    routes: pageRoutes({ page, streams, guard: options.guard, record, root, report }),
    onDenial: (path, denial) =>
      path === PAGE_PATHS.page && denial.status === 401
        ? { ...pageReply(), status: 401, headers: { ...pageReply().headers, ...denial.headers } }
        : denial,
    addStall: page.addStall,
  };
}

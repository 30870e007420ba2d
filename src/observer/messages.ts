// What the instrumented thread and the observer say to each other, over a MessagePort.
import type { MessagePort } from 'node:worker_threads';
import type { Access } from '../access/guard.js';
import type { GroupSettings } from '../group/join.js';
import type { Snapshot } from '../prometheus/snapshot.js';
import type { TranslationStrategy } from '../prometheus/translation.js';
import type { RouteNews } from '../route-windows.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import type { SpinReport } from '../stalls/watch/spin-report.js';

/** Where the endpoint listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The address of the metrics, such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
}

/** From the observer. */
export type ObserverMessage =
  /** `ownOnly`: without prom-client registries. */
  | { readonly type: 'collect'; readonly ownOnly: boolean }
  /** It runs and serves nothing, as it was told. */
  | { readonly type: 'running' }
  | { readonly type: 'listening'; readonly endpoint: Endpoint }
  | { readonly type: 'listen-failed'; readonly code: string; readonly message: string }
  /** A stall is over; before the program has started, it was a part of the start. */
  | { readonly type: 'stall'; readonly report: StallReport; readonly isStarted: boolean }
  | { readonly type: 'spin'; readonly report: SpinReport }
  | { readonly type: 'failure'; readonly cause: string; readonly message: string }
  | { readonly type: 'obstacle'; readonly sentence: string }
  /** The folder where it meets the others of its group. */
  | { readonly type: 'group'; readonly folder: string }
  /** What it was asked for: the figures that it reads itself. */
  | { readonly type: 'live'; readonly snapshot: Snapshot };

/** To the observer. */
export type MainMessage =
  /** `registries`: one of the application's prom-client registries follows. */
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot; readonly registries: boolean }
  /** The snapshot takes a while, in which the loop turns. */
  | { readonly type: 'collecting' }
  | { readonly type: 'registries'; readonly snapshot: Snapshot }
  | { readonly type: 'read-live' }
  /** What the main thread ran for which route, while it is profiled. */
  | { readonly type: 'routes'; readonly news: RouteNews }
  | { readonly type: 'collect-failed' };

/** What the observer is started with, as `workerData`. */
export interface ObserverData {
  readonly port: MessagePort;
  readonly heartbeat: SharedArrayBuffer;
  /** Where worker threads write their lag. */
  readonly board: SharedArrayBuffer | undefined;
  /** Where the main thread writes the traced calls that are under way; undefined where none are to be shown. */
  readonly liveCalls?: SharedArrayBuffer | undefined;
  readonly host: string;
  /** Undefined where there is to be no endpoint: loops are watched all the same. */
  readonly listenPort: number | undefined;
  /** Who may scrape. @default everybody, over plain HTTP */
  readonly access?: Access | undefined;
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  /** Whether the process figures are read by the observer. */
  readonly processFigures: boolean;
  /** Whether it tells how many connections wait to be accepted. @default false */
  readonly acceptQueue?: boolean;
  /** What the main thread has given to the thread pool; undefined where the pool is not to be read. */
  readonly poolUse?: SharedArrayBuffer | undefined;
  /** Whether a heartbeat is written. */
  readonly watched: boolean;
  readonly stalls: StallWatchSettings;
  /** How the main thread is profiled all the time; undefined where it is not. */
  readonly profile?: ProfileSettings | undefined;
  /** Undefined where the process is to serve alone. */
  readonly group?: GroupSettings | undefined;
  /** Whether the live page is served. @default false */
  readonly page?: boolean;
  /** Whether profiles can be fetched by those with credentials. @default false */
  readonly profileEndpoint?: boolean;
  /** @default as `register` shows them */
  readonly exposition?: ExpositionSettings;
}

/** How the main thread is profiled. */
export interface ProfileSettings {
  /** How far apart samples are, in microseconds. */
  readonly intervalUs: number;
  /** Folder of Loopsight's own code, which is no application's; empty where it is not known. */
  readonly ownFolder: string;
}

/** How metrics are shown, and where. */
export interface ExpositionSettings {
  /** Path of the endpoint. */
  readonly path: string;
  /** Whether series carry `otel_scope_…` labels. */
  readonly scopeLabels: boolean;
  readonly strategy: TranslationStrategy;
  /** Whether OpenMetrics tells when series began. */
  readonly created: boolean;
}

/** How stalls are watched and told of. */
export interface StallWatchSettings {
  readonly thresholdMs: number;
  /** Whether stacks may be captured: by the options, and because this Node is one on which that is known to be safe. */
  readonly capture: boolean;
  /** The application's folder, which names of files begin below. */
  readonly root: string;
  /** How stalls are logged: as text for people, as JSON for collectors of logs, or not. */
  readonly log: 'text' | 'json' | 'off';
  /** Whether stalls have exemplars. */
  readonly exemplars: boolean;
  /** A loop that has not turned for this long makes the process unhealthy, in milliseconds; 0 is never. */
  readonly unhealthyAfterMs: number;
  /** Where the last long stall is written; empty for nowhere. */
  readonly stallFile: string;
  /** Folders for the socket of dumps, the best first; none where there is to be no socket. */
  readonly socketFolders: readonly string[];
}

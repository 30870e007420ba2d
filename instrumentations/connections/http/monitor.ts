// What the parts of the monitor of HTTP clients work with.
import type { Clock } from '../../../src/clock.js';
import type { ClientSeries } from './client-series.js';
import type { OpenConnections } from './open-connections.js';
import type { ServerNames } from './servers.js';

export interface ClientMonitor {
  readonly series: ClientSeries;
  readonly connections: OpenConnections;
  readonly servers: ServerNames;
  readonly clock: Clock;
  /** Whether the recorder is an application's own Meter, where other instrumentations may record the same. */
  readonly shared: boolean;
  /** Runs `act`; what a subscriber throws would become an uncaught exception of the application. */
  readonly guarded: (act: () => void) => void;
}

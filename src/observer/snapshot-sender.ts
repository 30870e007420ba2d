// Answers the observer's requests for figures, on the main thread.
import type { MessagePort } from 'node:worker_threads';
import type { Snapshot } from '../prometheus/snapshot.js';
import type { MainMessage } from './messages.js';
import type { RegistriesSender } from './registries-sender.js';
import { type Allocate, createSharedValues } from './shared-values.js';

/** A SnapshotReader, or one over an SDK, which takes a while; then it is read again only when it has answered. */
export interface FigureReader {
  read(allocate: Allocate): Snapshot | Promise<Snapshot>;
  close(): void;
}

export interface SnapshotSenderOptions {
  readonly port: MessagePort;
  readonly figures: FigureReader;
  readonly registries: RegistriesSender;
  /** Told how long a snapshot took on this thread, in seconds. */
  readonly onSnapshot: (seconds: number) => void;
  readonly report: (cause: string, error: unknown) => void;
}

/** Sends the figures as they are now; `ownOnly` leaves prom-client registries alone. It never throws. */
export type SendSnapshot = (ownOnly?: boolean) => void;

/** Creates what sends the figures as they are when it is called; it never throws. */
export function createSnapshotSender(options: SnapshotSenderOptions): SendSnapshot {
  const { port, figures, registries, onSnapshot, report } = options;
  const allocate = createSharedValues();
  const tell = (message: MainMessage) => port.postMessage(message);

  function fail(error: unknown): void {
    report('a collection failed', error);
    tell({ type: 'collect-failed' });
  }

  return (ownOnly = false) => {
    const start = performance.now();
    const hasRegistries = !ownOnly && registries.hasAny;
    const send = (snapshot: Snapshot) => tell({ type: 'snapshot', snapshot, registries: hasRegistries });
    try {
      const reading = figures.read(allocate);
      if (reading instanceof Promise) {
        tell({ type: 'collecting' });
        reading.then(send).catch(fail);
      } else send(reading);
    } catch (error) {
      fail(error);
    }
    onSnapshot((performance.now() - start) / 1000);
    // Ours first: theirs are as costly as the application made them.
    if (hasRegistries) registries.send();
  };
}

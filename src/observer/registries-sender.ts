// Sends the figures of prom-client registries to the observer, one reading at a time.
import type { MessagePort } from 'node:worker_threads';
import type { RegistriesReader } from '../bridges/registries-reader.js';
import type { MainMessage } from './messages.js';

/** The main thread's end. */
export interface RegistriesSender {
  /** Whether figures would be sent. */
  readonly hasAny: boolean;
  /** Reads and sends; asked again meanwhile, what comes answers both. */
  send(): void;
}

/** Creates the sender to `port`; without a reader it has nothing to send. Failures go to `report`. */
export function createRegistriesSender(
  port: MessagePort,
  reader: RegistriesReader | undefined,
  report: (cause: string, error: unknown) => void,
): RegistriesSender {
  let isReading = false;
  return {
    get hasAny() {
      return reader?.hasAny ?? false;
    },
    send() {
      if (reader === undefined || isReading) return;
      isReading = true;
      reader
        .read()
        .then((snapshot) => {
          const message: MainMessage = { type: 'registries', snapshot };
          port.postMessage(message, [snapshot.values.buffer as ArrayBuffer]);
        })
        // What a registry tells is the application's own: it may be something that cannot cross.
        .catch((error) => report('prom-client registries could not be read', error))
        .finally(() => {
          isReading = false;
        });
    },
  };
}

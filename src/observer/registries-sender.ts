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

/** Creates the sender to `port`; without a reader it has nothing to send. */
export function createRegistriesSender(port: MessagePort, reader: RegistriesReader | undefined): RegistriesSender {
  let isReading = false;
  return {
    get hasAny() {
      return reader?.hasAny ?? false;
    },
    send() {
      if (reader === undefined || isReading) return;
      isReading = true;
      void reader.read().then((snapshot) => {
        isReading = false;
        const message: MainMessage = { type: 'registries', snapshot };
        port.postMessage(message, [snapshot.values.buffer as ArrayBuffer]);
      });
    },
  };
}

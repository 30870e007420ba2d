// A `postMessage` that counts: small, because it is loaded into every worker thread.
import { systemClock } from '../../src/clock.js';
import type { SendingEnd } from '../../src/worker-board/message-line.js';

type PostMessage = (this: object, ...args: never[]) => unknown;

/** Makes a `postMessage` that tells the end of `endOf(this)` of each message and then does what `original` does. */
export function countingSent<F extends PostMessage>(original: F, endOf: (port: object) => SendingEnd | undefined): F {
  const { postMessage } = {
    postMessage(this: object, ...args: never[]): unknown {
      const end = endOf(this);
      if (end === undefined) return Reflect.apply(original, this, args);
      end.sending(systemClock.monotonicMs());
      try {
        return Reflect.apply(original, this, args);
      } catch (error) {
        end.unsent();
        throw error;
      }
    },
  };
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(postMessage, key, { value: original[key], configurable: true });
  }
  return postMessage as F;
}

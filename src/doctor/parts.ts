// How endpoint, observer and blame stand in a program, and why one of them is off. Pure.
import type { Endpoint } from '../observer/messages.js';
import type { ResolvedOptions } from '../options.js';
import type { Part } from './record.js';

/** What decides how the parts stand. */
export interface PartsSource {
  readonly resolved: ResolvedOptions;
  /** The endpoint; `'unknown'` where the program ended before that was known. */
  readonly endpoint: Endpoint | undefined | 'unknown';
  /** The lines for the operator so far. */
  readonly said: readonly string[];
  /** Whether the permission model allows threads. */
  readonly mayStartThreads: boolean;
  /** Why stacks cannot be captured; undefined where they can. */
  readonly captureObstacle: string | undefined;
}

/** Endpoint, observer thread and blame of a Loopsight that runs. */
export function describeParts(source: PartsSource): Part[] {
  const { endpoint } = source;
  return [
    typeof endpoint === 'object'
      ? { name: 'endpoint', on: true, detail: endpoint.url }
      : { name: 'endpoint', on: false, detail: whyNoEndpoint(source) },
    part('observer thread', whyNoObserver(source)),
    part('blame', whyNoBlame(source)),
  ];
}

function part(name: string, whyOff: string | undefined): Part {
  return whyOff === undefined ? { name, on: true } : { name, on: false, detail: whyOff };
}

function whyNoEndpoint({ resolved, endpoint, said }: PartsSource): string {
  if (!resolved.endpoint) return 'switched off';
  if (endpoint === 'unknown') return 'the program ended before it was up';
  return said.find((sentence) => sentence.includes('there is no endpoint')) ?? 'it could not be opened';
}

function whyNoObserver({ resolved, endpoint, said, mayStartThreads }: PartsSource): string | undefined {
  const watches = resolved.instrumentations['event-loop'];
  const serves = resolved.endpoint && endpoint !== undefined;
  if (!watches && !serves) return 'nothing to do for it: there is no endpoint, and event-loop is off';
  if (!resolved.observer) {
    const lost = [
      ...(serves ? ['scrapes wait while the main thread is blocked'] : []),
      ...(watches ? ['only stalls of the main thread are told of, without the code that caused them'] : []),
    ];
    return `switched off: ${lost.join(', and ')}`;
  }
  // Where the endpoint failed as well, that alone was said.
  const denied = mayStartThreads ? undefined : 'the permission model does not allow threads';
  return said.find((sentence) => sentence.startsWith('the observer thread could not start')) ?? denied;
}

function whyNoBlame(source: PartsSource): string | undefined {
  const { resolved, captureObstacle } = source;
  if (!resolved.blame) return 'switched off';
  if (!resolved.instrumentations['event-loop']) return 'event-loop is off, which finds the stalls';
  return captureObstacle ?? (whyNoObserver(source) === undefined ? undefined : 'the observer does not run');
}

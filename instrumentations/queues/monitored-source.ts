// A queue that `monitorQueue` was given, as collections see it.
import type { QueueReading } from '../../src/shared-state.js';
import { knownQueue } from './found-queue.js';
import type { EndingQueueSource } from './registry.js';

/** What is read of a queue. */
export const FIGURES = ['depth', 'running', 'capacity', 'oldestAgeMs'] as const;

type Figure = (typeof FIGURES)[number];
/** Reads figures of a queue; anything but a number means that it cannot tell. */
export type ReadFigures = Readonly<Partial<Record<Figure, (queue: object) => unknown>>>;

/** How the figures of a queue are read. */
export interface FiguresOfQueue {
  /** By the functions of the application. */
  readonly given: ReadFigures;
  /** By what the queue looks like. */
  readonly shape: ReadFigures | undefined;
}

/** Shows a queue, which it holds weakly, under a name. */
export function createSource(
  queue: object,
  { name, type, figures }: { readonly name: string; readonly type: string; readonly figures: FiguresOfQueue },
): EndingQueueSource {
  const target = new WeakRef(queue);
  // Functions of the application may refer to the queue; as values of its own key they do not keep it alive.
  const figuresOf = new WeakMap([[queue, figures]]);
  let failing = false;

  function unknown(report: (cause: string, error: unknown) => void, error: unknown): QueueReading {
    const reason = error instanceof Error ? error.message : 'it threw something that is no Error';
    if (!failing) report('a monitored queue could not be read', new Error(`queue "${name}": ${reason}`));
    failing = true;
    return { depth: Number.NaN, running: Number.NaN, capacity: Number.NaN, oldestAgeMs: Number.NaN };
  }

  return {
    name,
    type,
    read(report) {
      const living = target.deref();
      const own = living && figuresOf.get(living);
      if (living === undefined || own === undefined) return undefined;
      try {
        const read = figureReader(living, own);
        const depth = numberOf(read('depth'));
        if (Number.isNaN(depth)) return unknown(report, new TypeError('its depth is no number'));
        const reading = {
          depth,
          running: numberOf(read('running')),
          capacity: numberOf(read('capacity')),
          oldestAgeMs: numberOf(read('oldestAgeMs')),
        };
        failing = false;
        return reading;
      } catch (error) {
        return unknown(report, error);
      }
    },
    refresh() {},
    end() {},
  };
}

/**
 * Reads figures of `queue`: what the application gave comes first, then what the queue tells itself, then what is known of
 * one that was found by itself, however late that was.
 */
export function figureReader(queue: object, { given, shape }: FiguresOfQueue): (figure: Figure) => unknown {
  const found = knownQueue(queue)?.read();
  return (figure) => {
    if (given[figure] !== undefined) return given[figure](queue);
    const told = shape?.[figure]?.(queue);
    return found !== undefined && Number.isNaN(numberOf(told)) ? found[figure] : told;
  };
}

// An infinite capacity is no bound.
function numberOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : Number.NaN;
}

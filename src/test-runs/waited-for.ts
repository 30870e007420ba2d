// What the loop waits for while a test runs, by looking now and then.
import timers from 'node:timers';

// As they are now: tests put timers of their own in their place.
const { clearInterval, setInterval } = timers;
/** Looks cost some microseconds each, and a test that waits for long enough to matter is looked at a few times. */
const LOOK_EVERY_MS = 40;

/** Begins to look; the returned function ends that and tells the kinds that came since, the most frequent first. */
export function watchResources(): () => readonly string[] {
  const before = counted(process.getActiveResourcesInfo());
  const seen = new Map<string, number>();
  const timer = setInterval(() => {
    for (const [name, count] of counted(process.getActiveResourcesInfo())) {
      if (count > (before.get(name) ?? 0)) seen.set(name, (seen.get(name) ?? 0) + 1);
    }
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    return [...seen].sort(([, one], [, other]) => other - one).map(([name]) => name);
  };
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

// V8's sampling profiler on the own thread, in windows that follow each other without a gap.
import { Session } from 'node:inspector';
import type { V8Profile } from '../profile/v8-profile.js';
import { nodeProfilesHere } from '../profiling/node-profiles.js';
import type { WriteWindow } from './window-writer.js';

/** A profile that goes on in windows. */
export interface SampledWindows {
  /** Ends the window under way and begins the next one; returns false where sampling has ended. */
  turn(): boolean;
  /** Ends the last window and sampling. Twice is harmless. */
  stop(): void;
}

/** Samples this thread every `intervalUs` microseconds and hands windows over as they end, until nobody takes them. */
export function sampleInWindows(intervalUs: number, write: WriteWindow): SampledWindows {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: intervalUs });
  return nodeProfilesHere() === undefined ? overlapping(session, write) : oneAfterTheOther(session, write);
}

// Starting anew would take a large program a tenth of a second each time; beside a profile that runs, it takes 0.5 ms.
function overlapping(session: Session, write: WriteWindow): SampledWindows {
  // The program may replace the console, or what it has.
  const own = console;
  const { profile: begin, profileEnd: end } = own;
  let index = 0;
  let stopped = false;
  const titleOf = (at: number) => `loopsight ${at}`;

  session.on('Profiler.consoleProfileFinished', ({ params }) => {
    const { title, profile } = params;
    if (title === undefined || !title.startsWith('loopsight ')) return;
    // A profileEnd() of the program's own ends the profile that began last, which is this one.
    if (!stopped && title === titleOf(index)) begin.call(own, titleOf(++index));
    if (!write(profile as V8Profile, stopped ? 'finished' : 'running')) stop();
  });
  begin.call(own, titleOf(index));

  function turn(): boolean {
    if (stopped) return false;
    begin.call(own, titleOf(++index));
    end.call(own, titleOf(index - 1));
    return !stopped;
  }

  function stop(): void {
    if (stopped) return;
    stopped = true;
    end.call(own, titleOf(index));
    session.disconnect();
  }
  return { turn, stop };
}

// Where Node profiles or counts itself. It would write the profiles of the console to standard error, and closing this
// session would end its counts before it has taken them: the session ends with the thread.
function oneAfterTheOther(session: Session, write: WriteWindow): SampledWindows {
  let stopped = false;
  session.post('Profiler.start');

  function end(): boolean {
    let isTaken = false;
    // Answered before `post` returns.
    session.post('Profiler.stop', (error, result) => {
      isTaken = error === null && write(result.profile as V8Profile, stopped ? 'finished' : 'running');
    });
    return isTaken;
  }

  function turn(): boolean {
    if (stopped) return false;
    stopped = !end();
    if (!stopped) session.post('Profiler.start');
    return !stopped;
  }

  function stop(): void {
    if (stopped) return;
    stopped = true;
    end();
  }
  return { turn, stop };
}

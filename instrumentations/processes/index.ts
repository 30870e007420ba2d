// Child processes: how many run, for how long, and how they end, by their program: those of one program are a pool.
import type { ChildProcess } from 'node:child_process';
import { getSystemErrorName } from 'node:util';
import { applicationRoot } from '../../src/application-root.js';
import type { MonitorDefinition } from '../../src/instrumentation.js';
import { childName, createChildNameLimit } from './child-name.js';
import { findChildren } from './find-children.js';
import { createProgramGroup, type ProgramGroup } from './program-group.js';

const UNKNOWN_ERROR = 'unknown';

interface Running {
  readonly group: ProgramGroup;
  readonly startedMs: number;
  readonly exited: (code: number | null, signal: NodeJS.Signals | null) => void;
}

/** Records the child processes that this thread starts from now on; synchronous ones are calls that block. */
export const processesMonitor: MonitorDefinition = {
  name: 'processes',
  start({ recorder, clock, report }) {
    const groups = new Map<string, ProgramGroup>();
    const running = new Map<ChildProcess, Running>();
    const limitName = createChildNameLimit();
    let root: string | undefined;

    function groupOf(child: ChildProcess): ProgramGroup {
      root ??= applicationRoot();
      const name = limitName(childName(child, root));
      let group = groups.get(name);
      if (group === undefined) {
        group = createProgramGroup(recorder, name);
        groups.set(name, group);
      }
      return group;
    }

    function started(child: ChildProcess, startedMs: number): void {
      try {
        const group = groupOf(child);
        const exited = (code: number | null, signal: NodeJS.Signals | null) => ended(child, code, signal);
        // Never an `error` listener: it would swallow what is thrown where nobody listens.
        child.on('exit', exited);
        running.set(child, { group, startedMs, exited });
        group.started();
      } catch (error) {
        report('a child process could not be watched', error);
      }
    }

    function ended(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
      const entry = running.get(child);
      if (entry === undefined) return;
      running.delete(child);
      try {
        child.off('exit', entry.exited);
        entry.group.ended(signal ?? String(code), (clock.monotonicMs() - entry.startedMs) / 1000);
      } catch (error) {
        report('the exit of a child process could not be counted', error);
      }
    }

    function refused(child: ChildProcess, exitCode: number | undefined): void {
      try {
        groupOf(child).refused(exitCode !== undefined && exitCode < 0 ? getSystemErrorName(exitCode) : UNKNOWN_ERROR);
      } catch (error) {
        report('a child process that could not be started was not counted', error);
      }
    }

    const undoFind = findChildren({ started, refused }, () => clock.monotonicMs());
    // The application may have removed all listeners of its child, ours among them.
    const undoCollect = recorder.onCollect(() => {
      for (const child of [...running.keys()]) {
        if (child.exitCode !== null || child.signalCode !== null) ended(child, child.exitCode, child.signalCode);
      }
    });

    return {
      stop() {
        undoFind();
        undoCollect();
        for (const [child, { exited }] of running) child.off('exit', exited);
        running.clear();
        for (const group of groups.values()) group.release();
        groups.clear();
      },
    };
  },
};

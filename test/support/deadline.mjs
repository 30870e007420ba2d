// Loaded in front of every test file, also by the workers of what it tests, so it is plain JavaScript: one that does not
// end is ended, with what it started, so that the run goes on and says so.
// Node 24 ends tests that take too long, but not the file that they are in.
import { execFileSync } from 'node:child_process';
import { isMainThread } from 'node:worker_threads';

const LIMIT_MS = 300_000;

if (isMainThread && process.env.NODE_TEST_CONTEXT !== undefined) {
  setTimeout(() => {
    console.error(`${process.argv[1]} has not ended within ${LIMIT_MS / 1000} s`);
    for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL');
    process.exit(1);
  }, LIMIT_MS).unref();
}

function childrenOf(pid) {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const below = (parent) =>
    pairs.flatMap(([child, itsParent]) => (itsParent === parent ? [...below(child), child] : []));
  // The listing itself was one of them.
  return below(pid).filter((child) => isRunning(child));
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// Whether a process is there, whoever owns it.

/** True for a process that is there, also where it belongs to another user. Never throws for an id that is a positive integer. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

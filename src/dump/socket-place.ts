// Where the socket of a process is: in a folder that only its user can look into. The process and the command must agree.
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longer paths do not fit into a socket's address; on macOS, which has the shortest. */
const PATH_BYTES = 103;

/**
 * Folders that sockets of the user `uid` may be in, the best first; none on Windows, which has no such sockets in Node.
 */
export function socketFolders(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  uid: number | undefined = currentUser(),
): string[] {
  if (uid === undefined) return [];
  const runtime = environment.XDG_RUNTIME_DIR ?? '';
  const folders = [`${tmpdir()}/loopsight-${uid}`, `/tmp/loopsight-${uid}`];
  if (runtime.startsWith('/')) folders.unshift(join(runtime, 'loopsight'));
  return [...new Set(folders)];
}

/** The user that this process belongs to; undefined where there are none, or where it may not be known (Deno). */
export function currentUser(): number | undefined {
  try {
    return process.getuid?.();
  } catch {
    return undefined;
  }
}

/**
 * Whether the permission model allows a socket in the folder; to be asked on the main thread, because workers of Node 20 do
 * not know. Listening on a path is not held back by every Node.
 */
export function mayUseFolder(folder: string): boolean {
  const { permission } = process as {
    readonly permission?: { has(scope: string, reference?: string): boolean };
  };
  return ['fs.read', 'fs.write'].every((right) => permission?.has(right, socketPath(folder, process.pid)) ?? true);
}

/** The socket of the process `pid`. */
export const socketPath = (folder: string, pid: number): string => join(folder, `${pid}.sock`);

/** Makes sure that the folder is there and only `uid` can look into it. Throws an error that says why not. */
export function claimFolder(folder: string, uid: number): void {
  if (Buffer.byteLength(socketPath(folder, 9_999_999)) > PATH_BYTES)
    throw new Error(`the path of ${folder} is too long`);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const flaw = folderFlaw(folder, uid);
  if (flaw !== undefined) throw new Error(`${folder} ${flaw}`);
}

/** Why sockets in the folder cannot be trusted to be those of `uid`; undefined where they can. Throws where there is none. */
export function folderFlaw(folder: string, uid: number): string | undefined {
  const stats = lstatSync(folder);
  if (!stats.isDirectory()) return 'is no folder';
  if (stats.uid !== uid) return `belongs to user ${stats.uid}`;
  return (stats.mode & 0o077) === 0 ? undefined : 'is open to other users';
}

// Runs single members of groups: instances of PM2, or processes with a group of their own name.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { registerEsm, root } from '../support/instrumented.js';
import { kill } from './shop.js';

export interface MemberProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Where it says that the metrics are; empty for nowhere. */
  readonly url: string;
  stderr(): string;
}

/** Starts a member and resolves when it knows its endpoint. */
export async function startMember(env: Readonly<Record<string, string>>): Promise<MemberProcess> {
  const { PATH = '', HOME = '' } = process.env;
  // Within the repository, so that `loopsight` means the package itself.
  const child = spawn(process.execPath, ['--import', registerEsm, join(import.meta.dirname, 'fixtures/member.mjs')], {
    cwd: root,
    env: { PATH, HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => {
      throw new Error(`a member ended: ${stderr}`);
    }),
  ]);
  const { url } = JSON.parse(String(line)) as { readonly url: string };
  return {
    child,
    pid: child.pid ?? 0,
    url,
    stderr: () => stderr,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      kill(child.pid ?? 0, 'SIGKILL');
      await once(child, 'exit');
    },
  };
}

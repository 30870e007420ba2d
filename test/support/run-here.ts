// The command without a process of its own, which takes most of a second to start; and servers for it.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runCommand } from '../../src/cli/commands.js';

/** What a command ended with and wrote. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs a command line, without colours. */
export async function runHere(...argv: readonly string[]): Promise<Outcome> {
  const written = { out: '', error: '' };
  const code = await runCommand(argv, {
    out: (text) => {
      written.out += text;
    },
    error: (text) => {
      written.error += text;
    },
    colour: false,
  });
  return { code, ...written };
}

/** A server on loopback until it is disposed of. */
export async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

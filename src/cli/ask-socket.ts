// One request through the socket of a process; every failure is one sentence.
import { request } from 'node:http';
import { printable } from '../status/wording.js';

/** Why nothing could be read, in a sentence for the person who asked. */
export class UnreadableSocket extends Error {
  override readonly name = 'UnreadableSocket';

  /** `status` is what the process answered with, where it did; `isSilent` where it lets wait for an answer. */
  constructor(
    message: string,
    readonly status?: number,
    readonly isSilent = false,
  ) {
    super(message);
  }
}

const TIMEOUT_MS = 10_000;
const LIMIT_BYTES = 64 * 1024 * 1024;

/** Reads what the process answers at `path`. Rejects with UnreadableSocket. */
export async function askSocket(socketPath: string, path: string): Promise<string> {
  const shown = printable(socketPath, 200);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await read(socketPath, path, signal);
  } catch (error) {
    if (error instanceof UnreadableSocket) throw error;
    if (signal.aborted) {
      throw new UnreadableSocket(`${shown} did not answer within ${TIMEOUT_MS / 1000} s.`, undefined, true);
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = REASONS.get(code) ?? printable(error instanceof Error ? error.message : String(error), 200);
    throw new UnreadableSocket(`${shown} could not be read: ${reason}.`);
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ECONNREFUSED', 'the process that opened it has ended'],
  ['EACCES', 'it belongs to another user'],
  ['ENOTSOCK', 'it is no socket'],
]);

function read(socketPath: string, path: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, signal, agent: false, headers: { host: 'localhost' } }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LIMIT_BYTES) sent.destroy(new UnreadableSocket('The answer has more than 64 MiB.'));
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
        else {
          const { statusCode = 0 } = response;
          reject(new UnreadableSocket(`The process answered with status ${statusCode}.`, statusCode));
        }
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

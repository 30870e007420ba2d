// What an inspector says of itself at its address, beside the protocol.
import { request } from 'node:http';

/** Where to ask: an address of this machine, or the path of a Unix socket. */
export type HttpAddress = { readonly host: string; readonly port: number } | { readonly socketPath: string };

/** Whoever listens and never answers is passed over after this. */
const ANSWER_MS = 1000;
const LIMIT_BYTES = 1024 * 1024;

/** Asks for a JSON; undefined where the answer is none, or comes too late. Never rejects. */
export function askJson(address: HttpAddress, path: string): Promise<unknown> {
  return new Promise((resolve) => {
    const options = { ...address, path, agent: false, signal: AbortSignal.timeout(ANSWER_MS) };
    const sent = request(
      'socketPath' in address ? { ...options, headers: { host: 'localhost' } } : options,
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('error', () => resolve(undefined));
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > LIMIT_BYTES) sent.destroy();
        });
        response.on('end', () => resolve(parse(text)));
        response.on('close', () => resolve(undefined));
      },
    );
    sent.on('error', () => resolve(undefined));
    sent.end();
  });
}

/** The version of Node as an inspector tells it, such as `v24.21.0`; empty where what answers is none. */
export async function askVersion(address: HttpAddress): Promise<string> {
  const answer = (await askJson(address, '/json/version')) as { readonly Browser?: unknown } | null | undefined;
  const browser = String(answer?.Browser ?? '');
  return browser.startsWith('node.js/') ? browser.slice('node.js/'.length) : '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// One scrape, as a Prometheus would make it.
import { get } from 'node:http';

/** How a scrape went. */
export interface Scrape {
  readonly ms: number;
  readonly bytes: number;
  /** Lines that are samples. */
  readonly samples: number;
}

/** Reads `url` to the end. Rejects when the answer is not 200. */
export function scrape(url: string): Promise<Scrape> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const chunks: Buffer[] = [];
    get(url, { agent: false }, (response) => {
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const ms = performance.now() - startMs;
        const body = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve({ ms, bytes: body.length, samples: countSamples(body) });
        else reject(new Error(`${url} answered ${response.statusCode}: ${body.toString('utf8', 0, 200)}`));
      });
    }).on('error', reject);
  });
}

function countSamples(body: Buffer): number {
  return body
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')).length;
}

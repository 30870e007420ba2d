// The page as it is sent: unpacked at the first visit, with headers that let nothing run but its own script.
import { createHash } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';
import type { Reply } from '../prometheus/reply.js';
import { LIVE_PAGE } from './page-asset.js';

let reply: Reply | undefined;

/** Tells one version of the page from another: one that is open may be older than the process that it asks. */
export const PAGE_VERSION = createHash('sha256').update(LIVE_PAGE).digest('hex').slice(0, 16);

/** The page. It holds no figure of the process, so that it may be shown to who has yet to show credentials. */
export function pageReply(): Reply {
  reply ??= makeReply(brotliDecompressSync(Buffer.from(LIVE_PAGE, 'base64')).toString('utf8'));
  return reply;
}

/** The answer with `html`; nothing runs in it but the scripts and styles that stand in it now. */
export function makeReply(html: string): Reply {
  const policy = [
    "default-src 'none'",
    `script-src ${hashesOf(html, 'script')}`,
    `style-src ${hashesOf(html, 'style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    status: 200,
    body: html,
    type: 'text/html; charset=utf-8',
    headers: {
      'Content-Security-Policy': policy.join('; '),
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
  };
}

function hashesOf(html: string, tag: 'script' | 'style'): string {
  const hashes = [...html.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, 'g'))].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  return hashes.length === 0 ? "'none'" : hashes.join(' ');
}

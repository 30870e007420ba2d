// Debian's Chromium without a window, asked over a pipe (Chrome DevTools Protocol): no port, and it ends when the test does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { createPage, type Page, type PageOptions } from './chromium-page.js';
import { requireTool } from './external-tools.js';

/** A browser. One is enough for a test file: each page has storage and cookies of its own. */
export interface Browser {
  /** Opens a page and waits until it has loaded. An address or a `file:` URL. */
  open(url: string, options?: PageOptions): Promise<Page>;
  /** Kills the browser and waits for its end. Twice is harmless. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Sends a command of the protocol, to one page where `sessionId` is given; rejects with the protocol's message. */
export type Send = (method: string, params?: object, sessionId?: string) => Promise<Record<string, unknown>>;

/** An event of the protocol. */
export interface BrowserEvent {
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly sessionId?: string;
}

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--remote-debugging-pipe',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-extensions',
  '--disable-sync',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
  '--no-first-run',
  '--mute-audio',
];

/**
 * Starts Chromium; where it is missing, undefined, and the test is skipped, or fails when CI=true.
 *
 * @example
 * ```ts
 * const browser = await startChromium(t);
 * if (browser === undefined) return;
 * t.after(() => browser.close());
 * const page = await browser.open(`http://127.0.0.1:${port}/`, { dark: true });
 * await page.click('#pause');
 * assert.equal(await page.evaluate('document.title'), 'Loopsight');
 * ```
 */
export async function startChromium(t: TestContext): Promise<Browser | undefined> {
  if (!requireTool(t, 'chromium', 'chromium')) return undefined;
  const profile = mkdtempSync(join(tmpdir(), 'loopsight-chromium-'));
  const child = spawn('chromium', [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    // Its processes are one group, so that all of them can be killed.
    detached: true,
  });
  const ended = once(child, 'exit');
  const killNow = () => killGroup(child);
  process.once('exit', killNow);
  const { send, listeners } = speak(child);

  const close = async () => {
    process.removeListener('exit', killNow);
    killGroup(child);
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    await send('Browser.getVersion');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async open(url, options = {}) {
      const { browserContextId } = await send('Target.createBrowserContext');
      const { targetId } = await send('Target.createTarget', { url: 'about:blank', browserContextId });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const session = String(sessionId);
      return createPage(url, options, {
        send: (method, params) => send(method, params, session),
        on(listener) {
          listeners.add((event) => {
            if (event.sessionId === session) listener(event);
          });
        },
        close: async () => void (await send('Target.closeTarget', { targetId })),
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

interface Waiting {
  resolve(result: Record<string, unknown>): void;
  reject(error: Error): void;
}

/** Messages are JSON, each ended by a zero byte; the browser reads descriptor 3 and writes 4. */
function speak(child: ChildProcess): { readonly send: Send; readonly listeners: Set<(event: BrowserEvent) => void> } {
  const [, , , input, output] = child.stdio as [unknown, unknown, unknown, Writable, Readable];
  const listeners = new Set<(event: BrowserEvent) => void>();
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let unread: Buffer[] = [];
  let isOver = false;

  input.on('error', () => {});
  output.on('error', () => {});
  child.once('exit', () => {
    isOver = true;
    for (const { reject } of waiting.values()) reject(new Error('Chromium has ended'));
    waiting.clear();
  });
  output.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, from)) {
      read(Buffer.concat([...unread, chunk.subarray(from, end)]).toString());
      unread = [];
      from = end + 1;
    }
    unread.push(chunk.subarray(from));
  });

  function read(text: string): void {
    const { id, error, result, ...event } = JSON.parse(text) as Partial<BrowserEvent> & {
      id?: number;
      error?: { message: string };
      result?: Record<string, unknown>;
    };
    if (id === undefined) {
      for (const listener of listeners) listener({ params: {}, method: '', ...event });
      return;
    }
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(result ?? {});
    else asked?.reject(new Error(error.message));
  }

  return {
    listeners,
    send(method, params = {}, sessionId) {
      if (isOver) return Promise.reject(new Error('Chromium has ended'));
      lastId++;
      const id = lastId;
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      return new Promise((resolve, reject) => {
        waiting.set(id, {
          resolve,
          reject: (error) => reject(new Error(`${method}: ${error.message}`)),
        });
      });
    },
  };
}

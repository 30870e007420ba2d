// A page of the test browser: what a user does with it, and what it did.
import { writeFileSync } from 'node:fs';
import type { BrowserEvent } from './chromium.js';
import { eventually } from './eventually.js';

export interface PageOptions {
  /** Whether the user prefers dark pages. @default false */
  readonly dark?: boolean;
  /** Whether the user prefers that nothing moves; keeps pictures still, too. @default true */
  readonly still?: boolean;
  /** CSS pixels. @default 1280 */
  readonly width?: number;
  /** @default 800 */
  readonly height?: number;
  /** Sent with every request, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What assistive technology is told of one element. */
export interface AccessibleNode {
  readonly role: string;
  readonly name: string;
}

/** A page that is open. Selectors are CSS; what is clicked must be visible. */
export interface Page {
  /** Evaluates an expression in the page and resolves to its value, of a promise too; rejects with what it threw. */
  evaluate<T>(expression: string): Promise<T>;
  /** Asks until the expression is truthy, and resolves to its value. */
  waitFor<T>(expression: string, patienceMs?: number): Promise<T>;
  /** Clicks the middle of the first such element; `count` 2 is a double click. */
  click(selector: string, count?: number): Promise<void>;
  /** Clicks at a place of the viewport, in CSS pixels. */
  clickAt(x: number, y: number, count?: number): Promise<void>;
  /** Moves the mouse to a place of the viewport. */
  hover(x: number, y: number): Promise<void>;
  /** Presses the button at one place, moves to the other, and lets go. */
  drag(from: readonly [x: number, y: number], to: readonly [x: number, y: number]): Promise<void>;
  /** Presses and lets go of a key by its name, such as `Enter`, `ArrowDown`, `Tab`, `/`; modifiers as `Shift+Tab`. */
  press(key: string): Promise<void>;
  /** Writes text into what has the focus. */
  type(text: string): Promise<void>;
  /** Writes a picture of the viewport as PNG. */
  picture(file: string): Promise<void>;
  /** Everything that assistive technology finds in the page. */
  accessible(): Promise<readonly AccessibleNode[]>;
  /** Changes what the user prefers, or the window. */
  prefer(options: PageOptions): Promise<void>;
  /** Sends a command of the protocol to the page. */
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  /** Addresses of all requests of the page, its own too; `data:` and `blob:` are none. */
  readonly requests: readonly string[];
  /** Errors that were thrown, logged, or found by the browser, such as violations of the content security policy. */
  readonly errors: string[];
  close(): Promise<void>;
}

interface Session {
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  on(listener: (event: BrowserEvent) => void): void;
  close(): Promise<void>;
}

/** Opens `url` in the page of `session`. Tests use `startChromium`. */
export async function createPage(url: string, options: PageOptions, session: Session): Promise<Page> {
  const { send } = session;
  const requests: string[] = [];
  const errors: string[] = [];
  const loaded = new Promise<void>((resolve) => {
    session.on((event) => {
      if (event.method === 'Page.loadEventFired') resolve();
      keep(event, requests, errors);
    });
  });

  async function prefer({ dark = false, still = true, width = 1280, height = 800 }: PageOptions): Promise<void> {
    await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await send('Emulation.setEmulatedMedia', {
      features: [
        { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
        { name: 'prefers-reduced-motion', value: still ? 'reduce' : 'no-preference' },
      ],
    });
  }

  async function evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string }; text: string } };
    if (exceptionDetails === undefined) return result.value;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }

  const mouse = (type: string, x: number, y: number, more: object = {}) =>
    send('Input.dispatchMouseEvent', { type, x, y, ...more });

  async function clickAt(x: number, y: number, count = 1): Promise<void> {
    await mouse('mouseMoved', x, y);
    for (let clickCount = 1; clickCount <= count; clickCount++) {
      await mouse('mousePressed', x, y, { button: 'left', buttons: 1, clickCount });
      await mouse('mouseReleased', x, y, { button: 'left', clickCount });
    }
  }

  await prefer(options);
  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await send(`${domain}.enable`);
  if (options.headers !== undefined) await send('Network.setExtraHTTPHeaders', { headers: options.headers });
  const { errorText } = await send('Page.navigate', { url });
  if (errorText !== undefined) throw new Error(`${url}: ${String(errorText)}`);
  await loaded;

  return {
    requests,
    errors,
    send,
    prefer,
    evaluate,
    clickAt,
    close: session.close,
    waitFor: <T>(expression: string, patienceMs?: number) =>
      eventually(() => evaluate<T>(expression), Boolean, patienceMs),
    async click(selector, count) {
      const place = await evaluate<readonly [number, number]>(`(() => {
        const element = document.querySelector(${JSON.stringify(selector)});
        if (element === null) throw new Error(${JSON.stringify(`There is no ${selector}`)});
        element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        const { x, y, width, height } = element.getBoundingClientRect();
        if (width === 0 || height === 0) throw new Error(${JSON.stringify(`${selector} cannot be seen`)});
        return [x + width / 2, y + height / 2];
      })()`);
      await clickAt(place[0], place[1], count);
    },
    hover: async (x, y) => void (await mouse('mouseMoved', x, y)),
    async drag([fromX, fromY], [toX, toY]) {
      await mouse('mouseMoved', fromX, fromY);
      await mouse('mousePressed', fromX, fromY, { button: 'left', buttons: 1, clickCount: 1 });
      await mouse('mouseMoved', (fromX + toX) / 2, (fromY + toY) / 2, { button: 'left', buttons: 1 });
      await mouse('mouseMoved', toX, toY, { button: 'left', buttons: 1 });
      await mouse('mouseReleased', toX, toY, { button: 'left', clickCount: 1 });
    },
    async press(key) {
      const event = keyEvent(key);
      await send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', ...event, text: undefined });
    },
    type: async (text) => void (await send('Input.insertText', { text })),
    async picture(file) {
      const { data } = await send('Page.captureScreenshot', { format: 'png' });
      writeFileSync(file, Buffer.from(String(data), 'base64'));
    },
    async accessible() {
      const { nodes } = (await send('Accessibility.getFullAXTree')) as {
        nodes: readonly { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
      };
      return nodes
        .filter(({ ignored }) => !ignored)
        .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }));
    },
  };
}

function keep({ method, params }: BrowserEvent, requests: string[], errors: string[]): void {
  if (method === 'Network.requestWillBeSent') {
    const { url } = (params as { request: { url: string } }).request;
    if (!/^(data|blob):/.test(url)) requests.push(url);
  } else if (method === 'Runtime.exceptionThrown') {
    const { text, exception } = params.exceptionDetails as { text: string; exception?: { description?: string } };
    errors.push(exception?.description ?? text);
  } else if (method === 'Log.entryAdded') {
    const { level, text, url } = params.entry as { level: string; text: string; url?: string };
    // Browsers ask for it by themselves.
    if (level === 'error' && url?.endsWith('/favicon.ico') !== true) errors.push(text);
  } else if (method === 'Runtime.consoleAPICalled' && params.type === 'error') {
    errors.push(JSON.stringify((params.args as { value?: unknown }[]).map(({ value }) => value)));
  }
}

const MODIFIERS: Readonly<Record<string, number>> = { Alt: 1, Control: 2, Meta: 4, Shift: 8 };
const KEY_CODES: Readonly<Record<string, number>> = {
  Backspace: 8,
  Tab: 9,
  Enter: 13,
  Escape: 27,
  ' ': 32,
  PageUp: 33,
  PageDown: 34,
  End: 35,
  Home: 36,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
  Delete: 46,
};

function keyEvent(pressed: string): object {
  const parts = pressed === '+' ? ['+'] : pressed.split('+');
  const key = parts.pop() ?? '';
  const modifiers = parts.reduce((all, name) => all | (MODIFIERS[name] ?? 0), 0);
  const isCharacter = [...key].length === 1;
  const text = key === 'Enter' ? '\r' : isCharacter && (modifiers & ~(MODIFIERS.Shift ?? 0)) === 0 ? key : undefined;
  const code = KEY_CODES[key] ?? (isCharacter ? (key.toUpperCase().codePointAt(0) ?? 0) : 0);
  return { key, modifiers, text, windowsVirtualKeyCode: code };
}

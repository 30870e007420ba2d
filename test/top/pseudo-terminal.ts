// A program in a real pseudo-terminal, and what its screen shows: the sequences that `top` writes, read as a terminal reads them.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { requireTool } from '../support/external-tools.js';

/** How a terminal treats what is typed. */
export interface Modes {
  readonly canonical: boolean;
  readonly echo: boolean;
}

/** How the program ended; a negative code is a signal. */
export interface End {
  readonly code: number;
  /** Of the terminal, as the program left it. */
  readonly modes: Modes;
}

export interface PseudoTerminal {
  /** The program's process. */
  readonly pid: number;
  type(text: string): void;
  resize(columns: number, lines: number): void;
  /** The lines that are shown, without spaces at their ends. */
  shown(): readonly string[];
  /** Whether the screen behind the usual one is shown. */
  readonly isOther: boolean;
  readonly hasCursor: boolean;
  /** Everything that was written. */
  written(): string;
  /** Resolves when `look` returns true of the text that is shown. */
  until(look: (text: string) => boolean, what: string): Promise<string>;
  modes(): Promise<Modes>;
  readonly ended: Promise<End>;
  kill(): Promise<void>;
}

export interface PseudoTerminalOptions {
  readonly columns?: number;
  readonly lines?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 60_000;

/** Whether pseudo-terminals can be had here. */
export const requirePseudoTerminals = (t: TestContext): boolean => requireTool(t, 'python3', 'python3');

/** Starts `command`; resolves once it runs. */
export async function openPseudoTerminal(
  command: readonly string[],
  { columns = 80, lines = 24, env = {} }: PseudoTerminalOptions = {},
): Promise<PseudoTerminal> {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const script = join(import.meta.dirname, 'pseudo-terminal.py');
  const child = spawn('python3', [script, String(columns), String(lines), ...command], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe', 'pipe'],
    env: { PATH, HOME, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env },
  });
  const [, , , control, told] = child.stdio as [Writable, Readable, null, Writable, Readable];
  const screen = createScreen(columns, lines);
  const watchers = new Set<() => void>();
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (data: string) => {
    text += data;
    screen.write(data);
    for (const watcher of [...watchers]) watcher();
  });
  child.stdin?.on('error', () => {});
  control.on('error', () => {});

  let started: (pid: number) => void = () => {};
  const pid = new Promise<number>((resolve) => {
    started = resolve;
  });
  let finish: (end: End) => void = () => {};
  const ended = new Promise<End>((resolve) => {
    finish = resolve;
  });
  const asked: ((modes: Modes) => void)[] = [];
  createInterface({ input: told }).on('line', (line) => {
    const message = JSON.parse(line) as Partial<End> & { readonly pid?: number };
    if (message.pid !== undefined) started(message.pid);
    else if (message.code !== undefined && message.modes !== undefined) finish(message as End);
    else if (message.modes !== undefined) asked.shift()?.(message.modes);
  });
  const atExit = () => child.kill('SIGKILL');
  process.once('exit', atExit);
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => {
      process.off('exit', atExit);
      resolve();
    });
  });

  return {
    pid: await pid,
    type: (keys) => void child.stdin?.write(keys),
    resize(toColumns, toLines) {
      screen.resize(toColumns, toLines);
      control.write(`size ${toColumns} ${toLines}\n`);
    },
    shown: () => screen.shown(),
    get isOther() {
      return screen.isOther;
    },
    get hasCursor() {
      return screen.hasCursor;
    },
    written: () => text,
    until(look, what) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(watch);
          reject(new Error(`The terminal never showed ${what}:\n${screen.shown().join('\n')}`));
        }, PATIENCE_MS);
        const watch = () => {
          const shown = screen.shown().join('\n');
          if (!look(shown)) return;
          clearTimeout(timer);
          watchers.delete(watch);
          resolve(shown);
        };
        watchers.add(watch);
        watch();
      });
    },
    modes: () =>
      new Promise((resolve) => {
        asked.push(resolve);
        control.write('modes\n');
      }),
    ended,
    async kill() {
      control.end();
      await closed;
    },
  };
}

interface Screen {
  write(data: string): void;
  resize(columns: number, lines: number): void;
  shown(): readonly string[];
  readonly isOther: boolean;
  readonly hasCursor: boolean;
}

// As much of a terminal as is needed to see what a person would: two screens, a cursor, clearing; colours are left out.
function createScreen(columns: number, lines: number): Screen {
  let [width, height] = [columns, lines];
  let [row, column] = [0, 0];
  let isOther = false;
  let hasCursor = true;
  let wraps = true;
  let rest = '';
  const blank = (): string[][] => Array.from({ length: height }, () => []);
  const screens = { usual: blank(), other: blank() };
  const current = () => (isOther ? screens.other : screens.usual);

  function put(character: string): void {
    if (column >= width) {
      if (!wraps) column = width - 1;
      else {
        column = 0;
        feed();
      }
    }
    const cells = current()[row] ?? [];
    for (let at = cells.length; at < column; at++) cells[at] = ' ';
    cells[column] = character;
    column++;
  }

  function feed(): void {
    row++;
    if (row < height) return;
    row = height - 1;
    current().shift();
    current().push([]);
  }

  function sequence(parameters: string, final: string): void {
    const cells = current()[row] ?? [];
    if (final === 'H') {
      const [line = '1', at = '1'] = parameters.split(';');
      row = Math.max(0, Number(line === '' ? 1 : line) - 1);
      column = Math.max(0, Number(at === '' ? 1 : at) - 1);
    } else if (final === 'J') {
      if (parameters === '2') for (const line of current()) line.length = 0;
      else {
        cells.length = Math.min(cells.length, column);
        for (const line of current().slice(row + 1)) line.length = 0;
      }
    } else if (final === 'K') cells.length = Math.min(cells.length, column);
    else if (final === 'h' || final === 'l') {
      const isOn = final === 'h';
      if (parameters === '?1049') {
        if (isOn) screens.other = blank();
        isOther = isOn;
      } else if (parameters === '?25') hasCursor = isOn;
      else if (parameters === '?7') wraps = isOn;
    }
  }

  return {
    write(data) {
      rest += data;
      for (;;) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what terminals are told with
        const match = /^(?:\u001b\[([?\d;]*)([@-~])|\u001b\](?:[^\u0007]*)\u0007|\u001b[=>]|[^\u001b])/u.exec(rest);
        if (match === null) return;
        const [all, parameters, final] = match;
        rest = rest.slice(all.length);
        if (final !== undefined) sequence(parameters ?? '', final);
        else if (all === '\r') column = 0;
        else if (all === '\n') feed();
        else if (all === '\b') column = Math.max(0, column - 1);
        else if (all >= ' ' && !all.startsWith('\u001b')) put(all);
      }
    },
    resize(toColumns, toLines) {
      [width, height] = [toColumns, toLines];
      for (const name of ['usual', 'other'] as const) {
        const kept = screens[name].slice(0, height);
        screens[name] = Array.from({ length: height }, (_, at) => kept[at] ?? []);
      }
      row = Math.min(row, height - 1);
    },
    shown: () =>
      current().map((cells) =>
        Array.from(cells, (cell) => cell ?? ' ')
          .join('')
          .trimEnd(),
      ),
    get isOther() {
      return isOther;
    },
    get hasCursor() {
      return hasCursor;
    },
  };
}

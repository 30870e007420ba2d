// Options of Node that a process was started with, as far as they decide whether it can be looked into.
import type { ProcessFacts } from './process-facts.js';

/** Where Node opens its inspector when nothing else is said. */
export const DEFAULT_INSPECTOR_PORT = 9229;

/** What the options of a Node process say. */
export interface NodeOptions {
  /** The port that its inspector opens at; 0 is any. */
  readonly inspectorPort: number;
  /** The option that keeps SIGUSR1 from opening it, as it was written. */
  readonly disabledBy: string | undefined;
  /** The option that gives SIGUSR1 another meaning. */
  readonly signalTakenBy: string | undefined;
  /** The program's file, or what stands for it; empty where there is none. */
  readonly program: string;
}

/** Options that take a word of their own after them. */
const WITH_WORD =
  /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file(?:-if-exists)?|--title|--inspect-port|--debug-port|--icu-data-dir|--input-type|--max-http-header-size|--stack-trace-limit|--heapsnapshot-signal|--report-signal|--(?:allow-)?fs-(?:read|write))$/;

/** Reads the options from the command line and from NODE_OPTIONS. */
export function readNodeOptions({ command, environment }: Pick<ProcessFacts, 'command' | 'environment'>): NodeOptions {
  const words = command.slice(1);
  let programAt = words.findIndex((word, index) => !word.startsWith('-') && !WITH_WORD.test(words[index - 1] ?? ''));
  if (programAt === -1) programAt = words.length;
  // `--` and what was given as a text end the options as well.
  const own = words.slice(0, programAt);
  const options = [...(environment.get('NODE_OPTIONS') ?? '').split(/\s+/), ...own];
  return {
    inspectorPort: inspectorPort(options),
    disabledBy: disabledBy(options),
    signalTakenBy: options.find((option, index) => {
      const [name, value = options[index + 1]] = option.split('=');
      return (name === '--heapsnapshot-signal' || name === '--report-signal') && value === 'SIGUSR1';
    }),
    program: own.some((word) => /^(?:-e|-p|-pe|--eval|--print)$/.test(word)) ? '' : (words[programAt] ?? ''),
  };
}

function disabledBy(options: readonly string[]): string | undefined {
  const disabled = options.find((option) => option === '--disable-sigusr1');
  if (disabled !== undefined) return disabled;
  const permission = options.find((option) => /^--(?:experimental-)?permission(?:=|$)/.test(option));
  return options.includes('--allow-inspector') ? undefined : permission;
}

// The last one counts. `--inspect=host:port`, `--inspect-brk=port` and `--inspect-port` name the same port.
function inspectorPort(options: readonly string[]): number {
  let port = DEFAULT_INSPECTOR_PORT;
  for (const [index, option] of options.entries()) {
    const match = /^--(?:inspect(?:-brk|-wait|-port)?|debug-port)(?:=(.*))?$/.exec(option);
    if (match === null) continue;
    const value = match[1] ?? (/-port$/.test(option) ? options[index + 1] : undefined);
    const digits = /(?:^|:)(\d{1,5})$/.exec(value ?? '')?.[1];
    if (digits !== undefined) port = Number(digits);
  }
  return port;
}

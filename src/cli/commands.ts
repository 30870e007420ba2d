// Finds the command that was asked for and runs it; each is loaded only when it is.

import { printable } from '../status/wording.js';
import { VERSION } from '../version.js';
import { type CommandStreams, EXIT_CODES, usageMessage } from './command.js';

interface Command {
  readonly summary: string;
  readonly load: () => Promise<{ run(argv: readonly string[], streams: CommandStreams): Promise<number> }>;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['status', { summary: 'says what is wrong with a service right now', load: () => import('./status.js') }],
  [
    'dump',
    { summary: 'shows what every thread of a process does, also while it is blocked', load: () => import('./dump.js') },
  ],
  ['top', { summary: 'shows live which code of a process uses the processor', load: () => import('./top.js') }],
  [
    'record',
    { summary: 'records a profile of a process, or of a program that it starts', load: () => import('./record.js') },
  ],
  [
    'lines',
    { summary: 'shows the hot lines of a recording or a process, with their source', load: () => import('./lines.js') },
  ],
  ['diff', { summary: 'shows which code differs between two recordings', load: () => import('./diff.js') }],
  [
    'trace',
    {
      summary: "shows waits of a process's thread pool and its synchronous file calls",
      load: () => import('./trace.js'),
    },
  ],
  [
    'tasks',
    { summary: 'shows the traced calls of a process that are under way, as tasks', load: () => import('./tasks.js') },
  ],
  [
    'doctor',
    { summary: 'tells what is active in a program, and what cannot work and why', load: () => import('./doctor.js') },
  ],
  ['compare', { summary: 'says whether a deploy made a service worse', load: () => import('./compare.js') }],
  [
    'dashboards',
    { summary: 'writes the dashboards as files, or saves them in a Grafana', load: () => import('./dashboards.js') },
  ],
  ['rules', { summary: 'writes recording rules and alerts as files', load: () => import('./rules.js') }],
  ['slo', { summary: 'suggests a service level from the last weeks', load: () => import('./slo.js') }],
]);

const HELP = `Usage: loopsight <command> [options]

Commands:
${[...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`).join('\n')}

Options:
  -h, --help     this text; after a command, that command's options
  -v, --version  the version

Examples:
  loopsight status
  loopsight status --help
  loopsight dump 4711
  loopsight top 4711
  loopsight record 4711 --duration 10s -o profile.html
  loopsight doctor -- node app.js
`;

/** Runs the command line `argv` (without node and script); resolves to the exit code and never rejects. */
export async function runCommand(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    streams.out(HELP);
    return EXIT_CODES.ok;
  }
  if (name === '--version' || name === '-v') {
    streams.out(`${VERSION}\n`);
    return EXIT_CODES.ok;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) {
    const kind = name.startsWith('-') ? 'option' : 'command';
    streams.error(`There is no ${kind} "${printable(name)}"; see loopsight --help.\n`);
    return EXIT_CODES.usage;
  }
  try {
    const { run } = await command.load();
    return await run(rest, streams);
  } catch (error) {
    const usage = usageMessage(error);
    streams.error(
      usage === undefined
        ? `loopsight ${name} failed: ${printable(error instanceof Error ? error.message : String(error), 200)}\n`
        : `${printable(usage, 300)}; see loopsight ${name} --help.\n`,
    );
    return usage === undefined ? EXIT_CODES.unreadable : EXIT_CODES.usage;
  }
}

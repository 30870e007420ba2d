// What wrapping 2,000 exports adds to the start of a program, by `LOOPSIGHT_TRACE`, for ES modules and for CommonJS.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment, isQuick } from './support/program.js';
import { median } from './support/statistics.js';
import { fixed, printGoal, printHeading, printTable } from './support/table.js';

const MODULES = 200;
const EXPORTS = 10;
const ROUNDS = isQuick ? 9 : 31;
const GOAL_MS = 100;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const register = join(root, 'dist/esm/src/register.js');
// Within the repository, so that its modules are those of an application with `loopsight` installed.
mkdirSync(join(root, '.cache'), { recursive: true });
const folder = realpathSync(mkdtempSync(join(root, '.cache/trace-load-')));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

// Code as it is written: strings, templates, comments and expressions are what has to be looked through.
const BODY = `{
  // What it does, and why: it's "quoted".
  const parts = String(input).split(/["'\\/]+/);
  const text = \`\${parts.length} of \${input}\`;
  if (parts.length > 3) return { text, limit };
  return { text: text.replace(/x/g, "y"), limit: limit / 2 };
}`;

const FORMATS = {
  'ES modules': {
    ending: 'mjs',
    exported: (name: string, index: number) =>
      index % 2 === 0
        ? `export const ${name} = async (input, limit) => ${BODY};`
        : `export async function ${name}(input, limit) ${BODY}`,
    loads: (file: string, index: number) => `import * as m${index} from './${file}';`,
    first: 'm0.fn0',
  },
  CommonJS: {
    ending: 'cjs',
    exported: (name: string) => `exports.${name} = async function ${name}(input, limit) ${BODY};`,
    loads: (file: string, index: number) => `const m${index} = require('./${file}');`,
    first: 'm0.fn0',
  },
} as const;

type Format = keyof typeof FORMATS;

function write(format: Format): string {
  const { ending, exported, loads, first } = FORMATS[format];
  const place = join(folder, ending);
  mkdirSync(place);
  const loading: string[] = [];
  for (let module = 0; module < MODULES; module++) {
    const names = Array.from({ length: EXPORTS }, (_, index) => exported(`fn${index}`, index));
    writeFileSync(join(place, `m${module}.${ending}`), names.join('\n'));
    loading.push(loads(`m${module}.${ending}`, module));
  }
  const isTraced = `globalThis[Symbol.for('loopsight.v1')].traced?.has(${first}) ?? false`;
  const used = 'const { user, system } = process.cpuUsage(); const cpuMs = (user + system) / 1000;';
  const end = `${used}\nconsole.log(JSON.stringify({ ms: performance.now(), cpuMs, isTraced: ${isTraced} }));\nprocess.exit();`;
  const main = join(place, `main.${ending}`);
  writeFileSync(main, `${loading.join('\n')}\n${end}\n`);
  return main;
}

/** From the start of the process until everything is loaded, in milliseconds: as it passes, and of CPU in all threads. */
interface Start {
  readonly ms: number;
  readonly cpuMs: number;
}

function measure(main: string, entry: string | undefined): Start {
  const env = { ...environment(), ...(entry === undefined ? {} : { LOOPSIGHT_TRACE: entry }) };
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', register, main], { env, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const { ms, cpuMs, isTraced } = JSON.parse(stdout) as Start & { isTraced: boolean };
  if (isTraced !== (entry !== undefined)) throw new Error(`the exports are ${isTraced ? '' : 'not '}traced`);
  return { ms, cpuMs };
}

writeFileSync(join(folder, 'package.json'), '{ "name": "trace-load" }\n');
printHeading(`Start of a program with ${MODULES * EXPORTS} exports in ${MODULES} modules, in ms`);
const rows: string[][] = [];
const all: number[] = [];
for (const format of Object.keys(FORMATS) as Format[]) {
  const main = write(format);
  const plain: Start[] = [];
  const traced: Start[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // In turn, so that both meet the same machine.
    const measureTraced = () => traced.push(measure(main, `${folder}/**`));
    if (round % 2 === 0) measureTraced();
    plain.push(measure(main, undefined));
    if (round % 2 === 1) measureTraced();
  }
  const added = (key: keyof Start) => median(traced.map((one) => one[key])) - median(plain.map((one) => one[key]));
  all.push(added('cpuMs'));
  const figures = [plain, traced].map((starts) => fixed(median(starts.map(({ ms }) => ms)), 0));
  rows.push([format, ...figures, fixed(added('ms'), 0), fixed(added('cpuMs'), 0)]);
}
printTable(['', 'as it is', 'traced', 'added', 'added CPU'], rows);
// On a machine that is not quiet, the time that passes is mostly that of others.
printGoal(
  `wrapping ${MODULES * EXPORTS} exports adds at most ${GOAL_MS} ms of CPU to the start`,
  all.map((ms) => `${fixed(ms, 0)} ms`).join(' and '),
  Math.max(...all) <= GOAL_MS,
);

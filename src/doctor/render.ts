// The doctor's record as text for a terminal. Pure.
import { bytes, figure, printable } from '../status/wording.js';
import type { DoctorRecord, Machine, Part, ProgramRecord, Setting } from './record.js';

const TEXT_LENGTH = 200;

type Row = readonly string[];

/** The report: what is active, what cannot work and why, what was found, the settings, the machine. Ends in a line feed. */
export function renderRecord(record: DoctorRecord): string {
  const { version, machine, settings, obstacles, program } = record;
  const wrong = settings.flatMap(({ problem }) =>
    problem === undefined ? [] : [`- ${printable(problem, TEXT_LENGTH)}`],
  );
  const cannot = obstacles.map(({ what, why }) => `- ${what}: ${printable(why, TEXT_LENGTH)}`);
  const sections: (readonly [title: string, lines: readonly string[]])[] = [
    ...(program === undefined ? [] : programSections(program)),
    ['Cannot work here', cannot.length === 0 ? ['nothing'] : cannot],
    ['Wrong settings', wrong],
    ['Settings', table(settings.map(settingRow))],
    ['Machine', table(machineRows(machine))],
  ];
  const body = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `\n${title}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  return `${heading(version, program)}\n${body.join('')}`;
}

function heading(version: string, program: ProgramRecord | undefined): string {
  if (program === undefined) return `loopsight ${version}, without a program`;
  const command = printable(program.command.join(' '), TEXT_LENGTH);
  const when = program.made === 'ending' ? ', as it ended' : '';
  return `loopsight ${version} in process ${program.pid} (node ${command})${when}`;
}

function programSections({ parts, instrumentations, openTelemetry, packages, replaced, said }: ProgramRecord) {
  return [
    ['Active', table([...parts, ...instrumentations].map(partRow))],
    ['OpenTelemetry', table(openTelemetry.map(partRow))],
    ['Packages found', packages.map((name) => printable(name))],
    ['Functions replaced since the start, by whomever', byPlace(replaced)],
    ['Said by Loopsight', said.map((sentence) => `- ${printable(sentence, TEXT_LENGTH)}`)],
  ] as const;
}

function partRow({ name, on, detail }: Part): Row {
  return [name, on ? 'yes' : 'no', detail === undefined ? '' : printable(detail, TEXT_LENGTH)];
}

function settingRow({ name, value, source, from, problem }: Setting): Row {
  const origins = {
    code: 'start() in the code',
    variable: from ?? 'variable',
    file: from ?? 'file',
    package: "the application's files",
    default: 'default',
  };
  return [name, printable(value), `${origins[source]}${problem === undefined ? '' : '  (see above)'}`];
}

function machineRows(machine: Machine): Row[] {
  const { processorLimit, memoryLimit, rights } = machine;
  const granted = Object.entries(rights ?? {}).map(([right, has]) => `${right} ${has ? 'yes' : 'no'}`);
  return [
    ['Node', machine.node],
    ['platform', machine.platform],
    [
      'processors',
      `${machine.processors}${processorLimit === undefined ? '' : `, limited to ${figure(processorLimit)}`}`,
    ],
    ['memory', `${bytes(machine.memory)}${memoryLimit === undefined ? '' : `, limited to ${bytes(memoryLimit)}`}`],
    ['heap limit', bytes(machine.heapLimit)],
    ['/proc', machine.procReadable ? 'readable' : 'not readable'],
    ['permission model', rights === undefined ? 'off' : granted.join(', ')],
    ['NODE_OPTIONS', machine.nodeOptions === '' ? 'not set' : printable(machine.nodeOptions, TEXT_LENGTH)],
  ];
}

/** `fs.readSync`, `fs.statSync` become `fs: readSync, statSync`. */
function byPlace(names: readonly string[]): string[] {
  const places = new Map<string, string[]>();
  for (const name of names) {
    const dot = name.lastIndexOf('.');
    const place = dot === -1 ? 'global' : name.slice(0, dot);
    places.set(place, [...(places.get(place) ?? []), printable(name.slice(dot + 1))]);
  }
  return [...places].map(([place, functions]) => `${place}: ${functions.join(', ')}`);
}

function table(rows: readonly Row[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DoctorRecord, ProgramRecord } from '../../src/doctor/record.js';
import { renderRecord } from '../../src/doctor/render.js';

const BARE: DoctorRecord = {
  version: '1.2.3',
  machine: {
    node: '24.1.0',
    platform: 'linux x64',
    processors: 4,
    memory: 8 * 1024 ** 3,
    heapLimit: 2 * 1024 ** 3,
    procReadable: true,
    nodeOptions: '',
  },
  settings: [{ name: 'port', value: '9464', source: 'default' }],
  obstacles: [],
};
const PROGRAM: ProgramRecord = {
  pid: 42,
  command: ['app.js'],
  made: 'running',
  running: true,
  parts: [{ name: 'endpoint', on: false, detail: 'switched off' }],
  instrumentations: [{ name: 'http', on: true }],
  openTelemetry: [],
  packages: [],
  replaced: [],
  said: [],
};
const withProgram = (program: Partial<ProgramRecord>): DoctorRecord => ({
  ...BARE,
  program: { ...PROGRAM, ...program },
});
const withMachine = (machine: Partial<DoctorRecord['machine']>): DoctorRecord => ({
  ...BARE,
  machine: { ...BARE.machine, ...machine },
});

const CASES: readonly (readonly [title: string, record: DoctorRecord, expected: RegExp])[] = [
  ['no program', BARE, /^loopsight 1\.2\.3, without a program\n\nCannot work here\n {2}nothing\n\nSettings\n/],
  ['a program', withProgram({}), /^loopsight 1\.2\.3 in process 42 \(node app\.js\)\n\nActive\n/],
  ['a program that ended', withProgram({ made: 'ending' }), /^.*\(node app\.js\), as it ended\n/],
  ['what is active, in columns', withProgram({}), /\n {2}endpoint {2}no {3}switched off\n {2}http {6}yes\n\n/],
  ['packages', withProgram({ packages: ['express 5.1.0'] }), /\nPackages found\n {2}express 5\.1\.0\n/],
  [
    'functions by place',
    withProgram({ replaced: ['fs.readSync', 'structuredClone', 'fs.statSync'] }),
    /by whomever\n {2}fs: readSync, statSync\n {2}global: structuredClone\n/,
  ],
  ['what was said', withProgram({ said: ['port 1 is in use'] }), /\nSaid by Loopsight\n {2}- port 1 is in use\n/],
  [
    'what cannot work',
    { ...BARE, obstacles: [{ what: 'blame', why: 'no inspector' }] },
    /\nCannot work here\n {2}- blame: no inspector\n/,
  ],
  [
    'a wrong setting',
    { ...BARE, settings: [{ name: 'blame', value: 'x', source: 'variable', from: 'LOOPSIGHT_BLAME', problem: 'bad' }] },
    /\nWrong settings\n {2}- bad\n\nSettings\n {2}blame {2}x {2}LOOPSIGHT_BLAME {2}\(see above\)\n/,
  ],
  [
    'a setting from code',
    { ...BARE, settings: [{ name: 'port', value: '1', source: 'code', from: 'port' }] },
    /\n {2}port {2}1 {2}start\(\) in the code\n/,
  ],
  [
    'limits of a container',
    withMachine({ processorLimit: 0.5, memoryLimit: 256 * 1024 ** 2 }),
    /processors +4, limited to 0\.5\n {2}memory +8 GiB, limited to 256 MiB\n/,
  ],
  [
    'rights',
    withMachine({ rights: { 'fs.read': true, inspector: false } }),
    /permission model +fs\.read yes, inspector no\n/,
  ],
  ['no control characters', withProgram({ command: ['\u001b[31mapp\n.js'] }), /^.*\(node \[31mapp.*\)\n\nActive/],
];

describe('the report', () => {
  for (const [title, record, expected] of CASES) it(title, () => assert.match(renderRecord(record), expected));
});

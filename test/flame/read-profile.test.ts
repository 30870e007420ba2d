// Recordings are read back from their files, of our writers and of others; whatever else a file is, one sentence says so.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  Label,
  Line,
  Location,
  Profile as Pprof,
  Function as PprofFunction,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import { writeCpuProfile } from '../../src/profile/cpuprofile.js';
import { guessRoot } from '../../src/profile/guess-root.js';
import { rank } from '../../src/profile/hot.js';
import { writeJson } from '../../src/profile/json.js';
import { writePprof } from '../../src/profile/pprof.js';
import type { Profile } from '../../src/profile/profile.js';
import { readProfile, UnreadableProfile } from '../../src/profile/read-profile.js';
import { madeProfile } from './made-profile.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-read-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const PROFILE = madeProfile(
  {
    main: [
      {
        name: 'handle',
        selfUs: 10_000,
        file: join(folder, 'src/app.js'),
        calls: [
          { name: 'render', selfUs: 300_000, file: join(folder, 'src/render.js') },
          { name: 'parse', selfUs: 90_000, package: 'ajv', file: join(folder, 'node_modules/ajv/index.js') },
        ],
      },
      { name: '(idle)', origin: 'idle', selfUs: 100_000 },
    ],
  },
  { root: folder },
);

function written(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** Name, place and times of all functions that took any. */
const summary = (profile: Profile) =>
  rank(profile, 'function')
    .filter(({ totalUs, name }) => totalUs > 0 && !name.startsWith('('))
    .map(
      ({ name, place, selfUs, totalUs }) =>
        `${name} ${place} ${Math.round(selfUs / 1000)} ${Math.round(totalUs / 1000)}`,
    )
    .sort();
const EXPECTED = [
  'handle src/app.js:2 10 400',
  'parse node_modules/ajv/index.js:4 90 90',
  'render src/render.js:3 300 300',
];

const WRITERS: readonly (readonly [string, () => string | Uint8Array])[] = [
  ['out.cpuprofile', () => writeCpuProfile(PROFILE)],
  ['out.json', () => writeJson(PROFILE)],
  ['out.pb.gz', () => writePprof(PROFILE)],
  ['out.cpuprofile.gz', () => gzipSync(writeCpuProfile(PROFILE))],
  ['any-other-name', () => `\ufeff \n${writeJson(PROFILE)}`],
];
for (const [name, write] of WRITERS) {
  test(`${name} is read as it was written`, () => {
    assert.deepEqual(summary(readProfile(written(name, write()), { root: folder })), EXPECTED);
  });
}

test('what Node itself writes is read', () => {
  const program = written(
    'program.cjs',
    'function burn() { const { user } = process.cpuUsage(); while (process.cpuUsage().user < user + 300_000); } burn();',
  );
  execFileSync(process.execPath, [
    '--cpu-prof',
    '--cpu-prof-dir',
    folder,
    '--cpu-prof-name',
    'node.cpuprofile',
    program,
  ]);
  const profile = readProfile(join(folder, 'node.cpuprofile'), { root: folder });
  const burn = rank(profile, 'function').find(({ name }) => name === 'burn');
  assert.equal(burn?.place, 'program.cjs:1');
  assert.ok((burn?.totalUs ?? 0) > 100_000, String(burn?.totalUs));
  assert.ok(Math.abs(profile.unixMs - Date.now()) < 60_000);
});

test('what another writer of pprof says is read: inlined calls, threads, units', () => {
  const strings = new StringTable();
  const id = (text: string) => strings.dedup(text);
  const functions = ['outer', 'inlined'].map(
    (name, place) => new PprofFunction({ id: place + 7, name: id(name), filename: id('/app/lib.js'), startLine: 5 }),
  );
  // Of calls in one place the innermost stands first.
  const location = new Location({
    id: 3,
    line: [new Line({ functionId: 8, line: 12 }), new Line({ functionId: 7, line: 6 })],
  });
  const label = new Label({ key: id('thread'), str: id('pool') });
  const profile = new Pprof({
    stringTable: strings,
    sampleType: [
      new ValueType({ type: id('samples'), unit: id('count') }),
      new ValueType({ type: id('cpu'), unit: id('milliseconds') }),
    ],
    sample: [new Sample({ locationId: [3], value: [1, 25], label: [label] })],
    location: [location],
    function: functions,
  });
  const read = readProfile(written('other.pb.gz', gzipSync(profile.encode())), { root: '/app' });
  assert.deepEqual(summary(read), ['inlined lib.js:5 25 25', 'outer lib.js:5 0 25']);
  assert.deepEqual(
    read.threads.map(({ thread }) => thread),
    ['pool'],
  );
  assert.deepEqual(read.threads[0]?.nodes.at(-1)?.lines, [[12, 25_000]]);
});

test('versions of an application in two folders have the same names', () => {
  const version = (folder: string) =>
    madeProfile({
      main: [
        { name: 'handle', selfUs: 10_000, file: `${folder}/src/app.js` },
        { name: 'parse', selfUs: 5_000, package: 'ajv', file: `${folder}/node_modules/ajv/index.js` },
      ],
    });
  for (const folder of ['/srv/v1', '/srv/v2/shop', process.cwd()]) {
    for (const content of [writeCpuProfile(version(folder)), writePprof(version(folder))]) {
      const [, place] = summary(readProfile(written('version', content)))[0]?.split(' ') ?? [];
      assert.equal(place, 'src/app.js:2');
    }
  }
  const files = ['/srv/v1/src/app.js', '/srv/v1/lib/a.js', 'node:fs', ''];
  assert.equal(guessRoot(files, '/home'), '/srv/v1');
  assert.equal(guessRoot(['/srv/v1/src/app.js'], '/home'), '/srv/v1/src');
  assert.equal(guessRoot(['C:\\shop\\src\\app.js', 'C:\\shop\\node_modules\\a\\b.js'], '/home'), 'C:\\shop');
  assert.equal(guessRoot([], '/home'), '/home');
});

const WRONG: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['empty', '', /is no recording/],
  ['text', 'hello', /is no recording/],
  ['other JSON', '{"a":1}', /is no recording/],
  ['half of it', writeCpuProfile(PROFILE).slice(0, 500), /is damaged/],
  ['half of a compressed one', writePprof(PROFILE).subarray(0, 100), /could not be read/],
  ['numbers that are none', gzipSync(Buffer.from([10, 255, 255, 255])), /is no recording/],
  ['nodes that are none', '{"nodes":[{"id":1}],"startTime":0,"endTime":1}', /is no recording/],
  ['a caller that comes later', writeJson(PROFILE).replace('"parent":0', '"parent":9'), /is no recording/],
  ['a function that is not there', writeJson(PROFILE).replace('"function":1', '"function":99'), /is no recording/],
  [
    'callers in a circle',
    '{"nodes":[{"id":1,"callFrame":{"functionName":"","url":"","lineNumber":0},"children":[1]}],"startTime":0,"endTime":1}',
    /./,
  ],
];
for (const [what, content, message] of WRONG) {
  test(`a file with ${what} is refused in a sentence, or read`, () => {
    try {
      readProfile(written('wrong.json', content));
      assert.equal(message.source, '.');
    } catch (error) {
      assert.ok(error instanceof UnreadableProfile, String(error));
      assert.match(error.message, message);
      assert.match(error.message, /^\S+wrong\.json .*\.$/);
    }
  });
}

test('a file that is not there, or is a folder, is named', () => {
  assert.throws(() => readProfile(join(folder, 'nowhere.json')), /nowhere\.json could not be read: ENOENT/);
  assert.throws(() => readProfile(folder), /could not be read: EISDIR/);
});

// The page as text: what a program can call its functions stays text in it, and nothing but its own script may run.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { flameData } from '../../src/profile/flame/flame-data.js';
import { pageWith } from '../../src/profile/flame/flame-page.js';
import { fileOf, nameOf } from '../../src/profile/place.js';
import { madeProfile } from './made-profile.js';

const PAGE =
  '<meta content="__POLICY__"><title><!-- title --></title><style>a{}</style>' +
  '<script type="application/json">"__CONTENT__"</script><script>run()</script>';
const HOSTILE = [
  '</script><script>alert(1)</script>',
  '<!--<script>',
  ']]>',
  '" onload="alert(1)',
  '__POLICY__',
  '<!-- title -->',
  '"__CONTENT__"',
  '$& $1 $`',
  '\u2028\u2029',
];

function contentOf(page: string): unknown {
  const [, json = ''] = /<script type="application\/json">(.*?)<\/script>/s.exec(page) ?? [];
  return JSON.parse(json);
}

for (const name of HOSTILE) {
  test(`a function called ${JSON.stringify(name)} is only a name`, () => {
    const data = flameData(
      madeProfile({ [name]: [{ name, selfUs: 5, package: name, file: name }] }, { notes: [name] }),
    );
    const page = pageWith({ profile: data }, name, PAGE);
    assert.deepEqual(contentOf(page), JSON.parse(JSON.stringify({ profile: data })));
    assert.equal(page.match(/<script/g)?.length, 2);
    assert.equal(page.match(/<\/script>/g)?.length, 2);
    assert.equal(page.match(/<!--/g) ?? undefined, undefined);
    const [, title = ''] = /<title>(.*?)<\/title>/s.exec(page) ?? [];
    assert.doesNotMatch(title, /[<>"]/);
  });
}

test('only the script and the style of the page itself may run', () => {
  const page = pageWith({ profile: flameData(madeProfile({ main: [] })) }, 'x', PAGE);
  const hash = (text: string) => createHash('sha256').update(text).digest('base64');
  const [, policy = ''] = /content="([^"]*)"/.exec(page) ?? [];
  assert.match(policy, /^default-src 'none';/);
  assert.ok(policy.includes(`script-src 'sha256-${hash('run()')}';`), policy);
  assert.ok(policy.includes(`style-src 'sha256-${hash('a{}')}';`), policy);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
});

test('samples in a row are one run, and lines of a function are those of all of its frames', () => {
  const profile = madeProfile({ main: [] });
  const { threads } = flameData({
    ...profile,
    threads: [
      {
        thread: 'main',
        threadId: 0,
        nodes: [{ parent: -1, function: 0, selfUs: 0, lines: [] }],
        startUs: 3,
        samples: [0, 0, 1, 0],
        sampleUs: [10, 11, 5, 1],
      },
    ],
  });
  assert.deepEqual(threads[0]?.runs, [0, 21, 1, 5, 0, 1]);

  const twice = madeProfile({
    main: [
      { name: 'hot', selfUs: 10 },
      { name: 'a', calls: [{ name: 'hot', selfUs: 20 }] },
    ],
  });
  assert.deepEqual(flameData(twice).functions.hotLines[1], [[10, 30]]);
});

test('files are named from the folder of the application, in a browser too', () => {
  const profile = madeProfile(
    {
      main: [
        { name: 'a', selfUs: 1, file: '/srv/shop/src/a.js' },
        { name: 'b', selfUs: 1, package: 'ajv', file: '/srv/shop/node_modules/ajv/lib/b.js' },
        { name: '', selfUs: 1, file: '/srv/shop/src/c.mjs' },
      ],
    },
    { root: '/srv/shop' },
  );
  for (const data of [flameData(profile), flameData(profile, { nameOf, fileOf })]) {
    assert.deepEqual(data.functions.files, ['', 'src/a.js', 'node_modules/ajv/lib/b.js', 'src/c.mjs']);
    assert.equal(data.functions.names.at(-1), '<anonymous>');
  }
});

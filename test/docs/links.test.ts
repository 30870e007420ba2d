// The pages hold together: every link leads somewhere, and the commands, scripts and variables that they name exist.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../src/cli/commands.js';
import { root } from '../support/run-node.js';

const pagesBelow = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const PAGES = ['README.md', 'CONTRIBUTING.md', 'bench/README.md', ...pagesBelow('docs')];
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const withoutCode = (text: string) => text.replaceAll(/^```.*?^```/gms, '');

/** The names that a page's headings can be linked by, as GitHub makes them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutCode(read(page)).matchAll(/^#+ (.+)$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
    let anchor = name;
    for (let more = 1; anchors.has(anchor); more++) anchor = `${name}-${more}`;
    anchors.add(anchor);
  }
  return anchors;
}

function isDead(page: string, link: string): boolean {
  if (/^(?:https?|mailto):/.test(link)) return false;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return true;
  return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
}

for (const page of PAGES) {
  test(`every link and picture of ${page} is there`, () => {
    const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset)="([^"]+)"/g)];
    assert.deepEqual(
      links.map(([, link, picture]) => link ?? picture ?? '').filter((link) => isDead(page, link)),
      [],
    );
  });
}

test('every page is linked from another one', () => {
  const linked = new Set(
    PAGES.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s]+)/g)].map(([, link = '']) => join(dirname(page), link)),
    ),
  );
  const runbooks = /^docs\/runbooks\//;
  assert.deepEqual(
    PAGES.filter((page) => page.startsWith('docs/') && !runbooks.test(page) && !linked.has(page)),
    [],
  );
});

test('every command and option that the pages show is one', async () => {
  const helpOf = async (args: readonly string[]) => {
    let text = '';
    await runCommand([...args, '--help'], {
      out: (said) => {
        text += said;
      },
      error: () => {},
      colour: false,
    });
    return text;
  };
  const unknown: string[] = [];
  for (const page of PAGES) {
    for (const [, name = '', rest = ''] of read(page).matchAll(/\bnpx loopsight ([a-z]+)\b([^\n`]*)/g)) {
      const help = await helpOf([name]);
      // What follows ` -- ` is another program's.
      const [own = ''] = rest.replace(/\s#.*$/, '').split(' -- ');
      const options = [...own.matchAll(/(?<=\s)--[a-z][a-z-]*/g)].map(([option]) => option);
      if (help === '' || options.some((option) => !help.includes(option))) unknown.push(`${page}: ${name}${rest}`);
    }
  }
  assert.deepEqual(unknown, []);
});

test('every script, benchmark and variable that the pages name exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const sources = ['src', 'instrumentations', 'scripts', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|cts|mjs)$/.test(name) && !name.includes('node_modules'))
      .map((name) => read(join(folder, name))),
  );
  const known = sources.join('\n');
  const switches = new Set(
    [...read('docs/configuration.md').matchAll(/^\| `[a-z-]+` \| `(\w+)` \|$/gm)].map(([, it]) => it),
  );
  // Made of a prefix and the name of an option.
  const isMade = (name: string) => switches.has(name) || known.includes(name.replace(/^LOOPSIGHT_GRAFANA_/, '_'));
  for (const page of PAGES) {
    const text = read(page);
    for (const [, name = ''] of text.matchAll(/npm run ([a-z:]+)/g))
      assert.ok(name in scripts, `${page}: npm run ${name}`);
    for (const [, names = ''] of text.matchAll(/npm run bench -- ([a-z][a-z -]*[a-z])/g)) {
      for (const name of names.split(' ').filter((it) => !it.startsWith('-')))
        assert.ok(existsSync(join(root, `bench/${name}.ts`)), `${page}: bench ${name}`);
    }
    for (const [name] of text.matchAll(/\bLOOPSIGHT_[A-Z0-9_]*[A-Z0-9]\b/g))
      assert.ok(known.includes(name) || isMade(name), `${page}: ${name}`);
  }
});

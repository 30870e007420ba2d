// docs/dashboards.md and docs/alerts.md tell of every dashboard, and of commands, options, panels and files that exist.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { METRIC_SETS } from '../../grafana/sets.js';
import { runCommand } from '../../src/cli/commands.js';
import { filesBelow } from '../grafana/compose-files.js';
import type { Dashboard } from '../grafana/dashboard.js';
import { root } from '../support/instrumented.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const PAGES = ['docs/dashboards.md', 'docs/alerts.md', 'docs/commands.md', 'docs/stack.md'];
const page = read('docs/dashboards.md');
const dashboards = filesBelow('grafana/dashboards/loopsight', '.json').map(
  (path) => JSON.parse(read(path)) as Dashboard,
);

test('every dashboard has a section, and the overview one for each panel of its first row that is named', () => {
  for (const { title } of dashboards) {
    const heading = title.replace(/^Loopsight /, '');
    assert.match(page, new RegExp(`^## ${heading}$`, 'im'), title);
  }
  const panels = new Set(dashboards.flatMap((dashboard) => dashboard.panels.map(({ title }) => title)));
  const overview = page.slice(page.indexOf('## Overview'), page.indexOf('## Deploys'));
  const named = [...overview.matchAll(/\*([A-Z][^*]+)\*/g)].map(([, name = '']) => name);
  assert.ok(named.length >= 10, `${named}`);
  for (const name of named) assert.ok(panels.has(name), `no panel is called ${name}`);
});

test('every marker is told of', () => {
  for (const dashboard of dashboards) {
    for (const { name } of (dashboard as unknown as { annotations: { list: readonly { name: string }[] } }).annotations
      .list) {
      assert.ok(page.includes(`*${name}*`), `${dashboard.title}: ${name}`);
    }
  }
});

test('every set is told of', () => {
  for (const id of Object.keys(METRIC_SETS)) assert.ok(page.includes(`\`${id}\``), id);
});

test('the provisioning file is one', () => {
  const [yaml = ''] = page.match(/(?<=```yaml\n)[\s\S]*?(?=```)/) ?? [];
  const { providers } = parse(yaml) as {
    readonly providers: readonly { readonly options: { readonly path: string } }[];
  };
  assert.ok(page.includes(`dashboards export ${providers[0]?.options.path}\n`));
});

for (const path of PAGES) {
  test(`the links of ${path} lead somewhere`, () => {
    for (const [, target = ''] of read(path).matchAll(/(?:\]\(|src="|srcset=")([^)"\s]+)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const place = file === '' ? path : join(dirname(path), file);
      assert.ok(existsSync(join(root, place)), `${target}: there is no ${place}`);
      if (anchor === undefined) continue;
      const anchors = [...read(place).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\s-]/g, '')
          .trim()
          .replaceAll(' ', '-'),
      );
      assert.ok(anchors.includes(anchor), `${target}: ${anchors}`);
    }
  });

  test(`the options of the commands of ${path} exist`, async () => {
    for (const [line, command = ''] of read(path).matchAll(/loopsight (dashboards|rules|slo) [^`\n]*/g)) {
      let help = '';
      const streams = { out: (text: string) => (help += text), error: () => undefined, colour: false };
      assert.equal(await runCommand([command, '--help'], streams), 0);
      for (const [flag] of line.replace(/#.*/, '').matchAll(/--[a-z-]+/g)) {
        assert.ok(new RegExp(`${flag}(?![\\w-])`).test(help), `${line}: ${flag}`);
      }
    }
  });
}

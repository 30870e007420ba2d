// The page of flame graphs as the build makes it, with content, in a file that Chromium can open.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type FlameContent, flameData } from '../../src/profile/flame/flame-data.js';
import { pageWith } from '../../src/profile/flame/flame-page.js';
import type { Profile } from '../../src/profile/profile.js';
import { root } from '../support/instrumented.js';

interface Bundler {
  bundlePage(folder: string): Promise<string>;
}

let page: string | undefined;
let written = 0;

/** Writes the page with `content`; returns its address. */
export async function writePage(content: FlameContent, title = 'a test'): Promise<string> {
  const { bundlePage } = (await import(pathToFileURL(join(root, 'scripts/pages.mjs')).href)) as Bundler;
  page ??= await bundlePage(join(root, 'browser/flame'));
  return writeHtml(pageWith(content, title, page));
}

/** The page of one profile. */
export const writeFlamePage = (profile: Profile): Promise<string> =>
  writePage({ profile: flameData(profile) }, profile.title);

/** The page of two. */
export const writeDiffPage = (before: Profile, after: Profile): Promise<string> =>
  writePage({ before: flameData(before), after: flameData(after) });

const folder = mkdtempSync(join(tmpdir(), 'loopsight-flame-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Writes a page, which is there until the test ends; returns its address. */
export function writeHtml(html: string): string {
  written++;
  const file = join(folder, `${written}.html`);
  writeFileSync(file, html);
  return pathToFileURL(file).href;
}

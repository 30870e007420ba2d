// The flame graph of a profile as a page that needs nothing else: no network, no other file, no script but its own.
import { createHash } from 'node:crypto';
import { fileOf, nameOf } from '../place.js';
import type { Profile } from '../profile.js';
import { FLAME_PAGE } from './flame-asset.js';
import { type FlameContent, flameData } from './flame-data.js';

const NAMES = { nameOf, fileOf };

/**
 * The page that shows `profile`, as HTML: search, zoom, threads, colours by package.
 */
export function flamePage(profile: Profile): string {
  return pageWith({ profile: flameData(profile, NAMES) }, profile.title);
}

/**
 * The page that shows what changed from one profile to another, as shares of all time that was not idle.
 */
export function diffPage(before: Profile, after: Profile): string {
  return pageWith(
    { before: flameData(before, NAMES), after: flameData(after, NAMES) },
    `${before.title} → ${after.title}`,
  );
}

/** The page of browser/flame/ with `content` in it. Programs name their functions; no name must become a tag or a script. */
export function pageWith(content: FlameContent, title: string, page = FLAME_PAGE): string {
  const parts: Readonly<Record<string, string>> = {
    '<!-- title -->': escapeHtml(title),
    __POLICY__: policyOf(page),
    '"__CONTENT__"': scriptSafe(JSON.stringify(content)),
  };
  return page.replace(/<!-- title -->|__POLICY__|"__CONTENT__"/g, (marker) => parts[marker] ?? marker);
}

/** Only the page's own script and style run, known by their hashes, and nothing is asked of any network. */
function policyOf(page: string): string {
  const hashes = (tag: string) =>
    [...page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))]
      .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join(' ');
  return `default-src 'none'; script-src ${hashes('script')}; style-src ${hashes('style')}; base-uri 'none'; form-action 'none'`;
}

// JSON stays what it is; no parser of HTML finds a tag or a comment in it.
function scriptSafe(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function escapeHtml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

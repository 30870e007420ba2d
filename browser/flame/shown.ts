// What can be shown, and the model of each.
import { type FlameContent, type FlameData, flameData } from '../../src/profile/flame/flame-data.js';
import type { Profile } from '../../src/profile/profile.js';
import { diffModel } from './diff-model.js';
import { element } from './dom.js';
import type { Model } from './drawing.js';
import { profileModel } from './profile-model.js';

/** What is drawn: one profile, or two that are compared; or either as it stands in a page. */
export type Shown = Profile | { readonly before: Profile; readonly after: Profile } | FlameContent;

/** The model of what is shown. */
export function modelOf(shown: Shown): Model {
  if ('profile' in shown) return profileModel(shown.profile);
  if ('before' in shown) return diffModel(dataOf(shown.before), dataOf(shown.after));
  return profileModel(flameData(shown));
}

const dataOf = (one: Profile | FlameData): FlameData => (isProfile(one) ? flameData(one) : one);
const isProfile = (one: Profile | FlameData): one is Profile => Array.isArray(one.functions);

/** Title, facts and notes. */
export function headOf({ title, facts, notes }: Model, level: 1 | 2 | 3): readonly HTMLElement[] {
  const parts: HTMLElement[] = [
    element(`h${level}`, {}, title),
    element('p', { class: 'flame-quiet' }, facts.join(' · ')),
  ];
  const lines = notes.map((note) => element('li', {}, note));
  return lines.length === 0 ? parts : [...parts, element('ul', { class: 'flame-notes' }, ...lines)];
}

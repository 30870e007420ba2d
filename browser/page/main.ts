// The live page: what the event stream says, put where it belongs.
import type { PageState, PageStateEvent } from '../../src/page/state.js';
import { createCompare } from './compare.js';
import { type ConnectionState, connect } from './connection.js';
import { byId, element, setText } from './dom.js';
import { createGraphs } from './graphs.js';
import { createPoints } from './history.js';
import { createProfile } from './profile.js';
import { createTables } from './tables.js';
import { showVerdict } from './verdict.js';

const points = createPoints();
const tables = createTables();
const graphs = createGraphs((range) => compare.take(range));
const ask = (path: string) => fetch(path, { headers: connection.headers(), cache: 'no-store' });
const compare = createCompare({
  ask,
  // By the clock of the process, which may not be this one.
  nowS: () => Math.floor((state?.unixMs ?? Date.now()) / 1000),
  onRanges: graphs.mark,
});
const profile = createProfile({ ask });
let state: PageState | undefined;

byId('content').append(
  graphs.element,
  element('div', { id: 'tables', class: 'cards', tabindex: -1 }, ...tables.elements),
  compare.element,
  profile.element,
);

function take(event: PageStateEvent): void {
  // Lists that are as they were are left out.
  state = { ...event, stalls: event.stalls ?? state?.stalls ?? [], blockers: event.blockers ?? state?.blockers ?? [] };
  points.add(state.history);
  if (!graphs.isPaused) show(state);
}

function show(state: PageState): void {
  showVerdict(state);
  // Nobody sees more of a page in the background than its title.
  if (document.hidden) return;
  tables.update(state);
  graphs.draw(points.columns, state.stalls, state.unixMs / 1000);
  compare.suggest(points.columns.unixS.length);
  profile.allow(state.process.canProfile);
}

document.addEventListener('visibilitychange', () => {
  if (state !== undefined && !graphs.isPaused) show(state);
});

const SAID: Readonly<Record<ConnectionState, string>> = {
  waiting: 'connecting …',
  live: 'live',
  lost: 'no answer, trying again …',
  denied: 'not signed in',
  full: 'too many pages are open, trying again …',
};

function tell(now: ConnectionState): void {
  const part = byId('connection');
  if (part.dataset.state === now) return;
  part.dataset.state = now;
  setText(part, SAID[now]);
  byId('sign-in').hidden = now !== 'denied';
  byId('shown').hidden = now === 'denied';
  if (now === 'denied') byId('token').focus();
}

const connection = connect({ onHistory: (history) => points.replace(history), onState: take, onConnection: tell });

const token = byId('token') as HTMLInputElement;
byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  setText(byId('sign-in-error'), '');
  byId('connection').dataset.state = 'waiting';
  connection.signIn(token.value);
  setTimeout(() => {
    if (byId('connection').dataset.state === 'denied') setText(byId('sign-in-error'), 'This is not the token.');
  }, 1_000);
});

// A flame graph on demand.
import type { Profile } from '../../src/profile/profile.js';
import { type Flame, mountFlame } from '../flame/flame.js';
import { button, choice, element, section, setText } from './dom.js';
import { clock } from './format.js';

export interface ProfileOptions {
  readonly ask: (path: string) => Promise<Response>;
}

export interface ProfilePart {
  readonly element: HTMLElement;
  /** Whether one can be taken. */
  allow(canProfile: boolean): void;
}

const LENGTHS = { 1: '1 s', 5: '5 s', 15: '15 s' } as const;

/** Makes the part of the page that records. */
export function createProfile({ ask }: ProfileOptions): ProfilePart {
  let seconds = 5;
  let recordings: readonly Profile[] = [];
  let flame: Flame | undefined;
  const message = element('p', { class: 'quiet', role: 'status' });
  const place = element('div', { class: 'flame' });
  const progress = element('progress', { max: 1, 'aria-label': 'Recording' });
  progress.hidden = true;
  const difference = element('input', { type: 'checkbox' });
  difference.addEventListener('change', show);
  const against = element('label', { hidden: true }, difference, ' What is different from the recording before');
  const start = button('Record', () => void record(), { class: 'strong' });

  async function record(): Promise<void> {
    const startedMs = performance.now();
    start.disabled = true;
    progress.hidden = false;
    progress.value = 0;
    setText(message, `Recording for ${seconds} s …`);
    const ticking = setInterval(() => {
      progress.value = Math.min(1, (performance.now() - startedMs) / (seconds * 1000));
    }, 100);
    try {
      const response = await ask(`/page/profile.json?seconds=${seconds}&interval=2&threads=all&as=profile`);
      if (!response.ok) throw new Error(await response.text());
      const profile = (await response.json()) as Profile;
      recordings = [...recordings, profile].slice(-2);
      against.hidden = recordings.length < 2;
      show();
    } catch (error) {
      setText(message, `Nothing was recorded: ${error instanceof Error ? error.message.trim() : String(error)}`);
    } finally {
      clearInterval(ticking);
      progress.hidden = true;
      start.disabled = false;
    }
  }

  // The newest one, or what is different in it from the one before.
  function show(): void {
    const [before, after] = recordings;
    const newest = after ?? before;
    if (newest === undefined) return;
    const shown = before !== undefined && after !== undefined && difference.checked ? { before, after } : newest;
    if (flame === undefined) flame = mountFlame(place, shown, { heading: false, level: 3 });
    else flame.update(shown);
    setText(message, [`Recorded at ${clock(newest.unixMs)}.`, ...newest.notes].join(' '));
  }

  const tools = element(
    'div',
    { class: 'tools' },
    choice('Length', LENGTHS, '5', (chosen) => {
      seconds = Number(chosen);
    }),
    start,
    progress,
    against,
  );
  const help = element(
    'p',
    { class: 'quiet' },
    'Samples what every thread runs, and shows it as a flame graph. It costs the process a few per cent meanwhile.',
  );
  const part = section('profile', 'Flame graph', help, tools, message, place);
  part.hidden = true;
  return {
    element: part,
    allow(canProfile) {
      part.hidden = !canProfile;
    },
  };
}

// Figures as people read them.

/** `0.4 ms`, `12 ms`, `3.2 s`, `2 min 5 s`; a dash for what is not known. */
export function duration(ms: number | null): string {
  if (ms === null) return NOTHING;
  if (ms === 0) return '0 ms';
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 119.5) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const NOTHING = '–';

/** `8.4 %`, `21 %`. */
export function share(value: number | null): string {
  if (value === null) return NOTHING;
  const percent = value * 100;
  return `${percent !== 0 && percent < 9.95 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}

/** `312 MiB`. */
export function bytes(value: number | null): string {
  if (value === null) return NOTHING;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.max(Math.floor(Math.log2(Math.max(value, 1)) / 10), 0), units.length - 1);
  return `${number(value / 1024 ** power)} ${units[power]}`;
}

/** Three digits, as in `0.19` or `1,240`. */
export function number(value: number | null): string {
  if (value === null) return NOTHING;
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** The time of day where the reader is, from 00:00:00 to 23:59:59. */
export function clock(unixMs: number): string {
  return new Date(unixMs).toLocaleTimeString('en-GB');
}

/** `load (src/load.ts:12)`, or a dash. */
export function place(one: { readonly function: string; readonly file: string; readonly line: number }): string {
  if (one.function === '') return NOTHING;
  const line = one.line > 0 ? `:${one.line}` : '';
  return one.file === '' ? one.function : `${one.function} (${one.file}${line})`;
}

const CAUSES: Readonly<Record<string, string>> = {
  javascript: 'JavaScript',
  native: 'native call',
  sync_io: 'synchronous I/O',
  wait: 'waits for a thread',
  spin: 'spinning',
  gc: 'garbage collection',
  descheduled: 'no free CPU',
  debugger: 'debugger',
  unknown: 'not seen',
};

/** A cause of stalls in words. */
export function cause(name: string): string {
  return CAUSES[name] ?? name;
}

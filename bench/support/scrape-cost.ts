// What scrapes cost the process that is scraped.
import type { Program } from './program.js';
import { type Scrape, scrape } from './scrape.js';

/** What a process of programs/exposition.mjs has used so far. */
interface Usage {
  readonly cpuUs: number;
  readonly mainUs: number;
  readonly activeMs: number;
  readonly collectMs: number;
}

/** One scrape and what it took. */
export interface ScrapeCost extends Scrape {
  /** CPU time of all threads. */
  readonly cpuMs: number;
  /** CPU time of the main thread; NaN where the kernel does not tell. */
  readonly mainMs: number;
  /** Time that the main loop was busy. */
  readonly activeMs: number;
  /** Time within an OpenTelemetry SDK's own collection; NaN where it is not told. */
  readonly collectMs: number;
}

/** Scrapes `url` once after the program changed one of `every` values. */
export async function measureScrape(program: Program, url: string, every = 1): Promise<ScrapeCost> {
  const before = await program.ask<Usage>('write', every);
  const result = await scrape(url);
  return { ...result, ...difference(before, await program.ask<Usage>('usage')) };
}

/** What asking takes itself: a little time of the main thread. */
export async function measureAsking(program: Program): Promise<Pick<ScrapeCost, 'mainMs' | 'activeMs'>> {
  return difference(await program.ask<Usage>('usage'), await program.ask<Usage>('usage'));
}

function difference(before: Usage, after: Usage): Pick<ScrapeCost, 'cpuMs' | 'mainMs' | 'activeMs' | 'collectMs'> {
  return {
    cpuMs: (after.cpuUs - before.cpuUs) / 1000,
    mainMs: (after.mainUs - before.mainUs) / 1000,
    activeMs: after.activeMs - before.activeMs,
    collectMs: after.collectMs - before.collectMs,
  };
}

// Renders one report: a bootstrap of the mean restart time, some 70 ms of computing.

const RESAMPLES = 10_000;
const SAMPLES = 500;

/** The page of report `id`; the same id always gives the same page. */
export function renderReport(id: number): string {
  const random = createRandom(id);
  const samples = Array.from({ length: SAMPLES }, () => 100 + 200 * random());
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (let drawn = 0; drawn < SAMPLES; drawn++) sum += samples[Math.floor(random() * SAMPLES)] ?? 0;
    means[resample] = sum / SAMPLES;
  }
  means.sort();
  const at = (share: number) => (means[Math.floor(share * (RESAMPLES - 1))] ?? 0).toFixed(1);
  return `<!doctype html>
<title>Report ${id}</title>
<h1>Report ${id}</h1>
<p>A restart takes ${at(0.5)} ms on average (95 % interval: ${at(0.025)} to ${at(0.975)} ms).</p>
`;
}

/** A linear congruential generator, uniform from 0 to 1. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

// expect {"function": "rankPixels", "cause": ["javascript", "native"], "thread": "main"}
import { calibrate, run } from './harness.mjs';

const pixelsOf = (count) => Float64Array.from({ length: count }, (_, index) => (index * 7919) % 1_000_003);
const pixels = calibrate(200_000, pixelsOf, (made) => made.slice().sort());

class Histogram {
  rankPixels() {
    return pixels.slice().sort();
  }
}

const histogram = new Histogram();
await run(['rankPixels', () => void histogram.rankPixels()]);

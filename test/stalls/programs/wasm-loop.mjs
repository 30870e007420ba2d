// expect {"function": "decodeFrame", "cause": ["javascript", "native"], "thread": "main"}
import { calibrate, run } from './harness.mjs';

// (func (export "spin") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
const code = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 1, 127, 0, 3, 2, 1, 0, 7, 8, 1, 4, 115, 112, 105, 110, 0, 0, 10, 16, 1, 14,
  0, 3, 64, 32, 0, 65, 1, 107, 34, 0, 13, 0, 11, 11,
]);
const { spin } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
const rounds = calibrate(
  1e8,
  (count) => Math.min(count, 2 ** 31),
  (made) => spin(made),
);

function decodeFrame() {
  spin(rounds);
}

await run(['decodeFrame', () => decodeFrame()]);

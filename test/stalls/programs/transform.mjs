// expect {"function": "_transform", "cause": "javascript", "thread": "main"}
import { once } from 'node:events';
import { Transform } from 'node:stream';
import { run, timeUp } from './harness.mjs';

class Watermark extends Transform {
  _transform(chunk, _encoding, done) {
    const isOver = timeUp();
    for (let index = 0; !isOver(); index++) chunk[index % chunk.length] ^= 85;
    done(null, chunk);
  }
}

const stamp = new Watermark();
stamp.resume();
await run([
  '_transform',
  async () => {
    const startMs = performance.now();
    stamp.write(Buffer.alloc(1000));
    const ms = performance.now() - startMs;
    if (stamp.readableFlowing === false) await once(stamp, 'data');
    return ms;
  },
]);

// gzip as a stream of chunks, on the calling thread: Node's streams of zlib wait for its thread pool, and a scrape must not
// wait for what the application does there.
import type * as Zlib from 'node:zlib';

// Loaded by the first answer that is compressed: an application that does not use it is not to load it for us.
let loaded: typeof Zlib | undefined;
function zlib(): typeof Zlib {
  loaded ??= process.getBuiltinModule('node:zlib');
  return loaded;
}

// Fast: what a scrape has more of is repeated within a line or two, and a higher level makes it 10 % smaller for three times the time.
const LEVEL = 1;

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
/** A last block of nothing: what is flushed before it ends at a byte. */
const LAST_BLOCK = Uint8Array.of(3, 0);

/** Whether this runtime can: some have no `crc32`. */
export function canGzip(): boolean {
  return typeof zlib().crc32 === 'function';
}

/** Compresses chunks of text; each is compressed for itself, so that nothing is kept between them. */
export function* gzip(chunks: Iterable<string>): Generator<Uint8Array> {
  const { crc32, deflateRawSync, constants } = zlib();
  const options = { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH };
  let header: Uint8Array = HEADER;
  let crc = 0;
  let length = 0;
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    crc = crc32(bytes, crc);
    length += bytes.length;
    yield Buffer.concat([header, deflateRawSync(bytes, options)]);
    header = new Uint8Array(0);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  yield Buffer.concat([header, LAST_BLOCK, trailer]);
}

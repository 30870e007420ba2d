// Reads protocol buffers, as much of them as pprof needs (https://protobuf.dev/programming-guides/encoding/).

const [VARINT, FIXED64, LENGTH, FIXED32] = [0, 1, 2, 5];
const MORE = 0x80;
/** The bytes of the longest number. */
const LONGEST = 10;

/** One field of a message: a number, or a piece, which is a text, a message or many numbers. */
export interface Field {
  readonly field: number;
  readonly value: number;
  readonly piece: Uint8Array;
}

const NOTHING = new Uint8Array();

/** The fields of a message, one after the other. Throws an Error where the bytes are none. */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const place = { at: 0 };
  while (place.at < bytes.length) {
    const key = readNumber(bytes, place);
    const [field, type] = [Math.floor(key / 8), key % 8];
    if (type === VARINT) yield { field, value: readNumber(bytes, place), piece: NOTHING };
    else if (type === LENGTH) yield { field, value: 0, piece: take(bytes, place, readNumber(bytes, place)) };
    else if (type === FIXED64) take(bytes, place, 8);
    else if (type === FIXED32) take(bytes, place, 4);
    else throw new Error(`no protocol buffer: there is no type ${type}`);
  }
}

/** The numbers of a field, which come one by one or in one piece. */
export function* numbersIn({ value, piece }: Field): Generator<number> {
  if (piece === NOTHING) {
    yield value;
    return;
  }
  const place = { at: 0 };
  while (place.at < piece.length) yield readNumber(piece, place);
}

function take(bytes: Uint8Array, place: { at: number }, length: number): Uint8Array {
  const end = place.at + length;
  if (end > bytes.length) throw new Error('no protocol buffer: it ends too early');
  const piece = bytes.subarray(place.at, end);
  place.at = end;
  return piece;
}

// Bits would be lost above 2^31 if they were shifted.
function readNumber(bytes: Uint8Array, place: { at: number }): number {
  let value = 0;
  for (let step = 0; step < LONGEST; step++) {
    const byte = bytes[place.at++];
    if (byte === undefined) break;
    value += (byte % MORE) * 2 ** (7 * step);
    if (byte < MORE) return value;
  }
  throw new Error('no protocol buffer: a number does not end');
}

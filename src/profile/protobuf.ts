// Writes protocol buffers, as much of them as pprof needs (https://protobuf.dev/programming-guides/encoding/).

const [VARINT, LENGTH] = [0, 2];

/** A message that is being written; a number 0 and an empty text are left out, as the format has it. */
export class ProtobufMessage {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** The message so far; it changes with the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A whole number from 0 to 2^53. */
  number(field: number, value: number): this {
    if (value === 0) return this;
    this.#varint(field * 8 + VARINT);
    this.#varint(value);
    return this;
  }

  /** Whole numbers in one piece. */
  numbers(field: number, values: readonly number[]): this {
    if (values.length === 0) return this;
    const packed = new ProtobufMessage();
    for (const value of values) packed.#varint(value);
    return this.#piece(field, packed.bytes);
  }

  /** A text that may be empty, because its place among others counts. */
  text(field: number, value: string): this {
    return this.#piece(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, value: ProtobufMessage): this {
    return this.#piece(field, value.bytes);
  }

  #piece(field: number, bytes: Uint8Array): this {
    this.#varint(field * 8 + LENGTH);
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    // Bits would be lost above 2^31.
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

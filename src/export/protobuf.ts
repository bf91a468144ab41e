/** Encodes an int64; the format uses ten bytes for negative numbers. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

function fixed(bytes: number, write: (view: DataView) => void): Uint8Array {
  const written = new Uint8Array(bytes);
  write(new DataView(written.buffer));
  return written;
}

/**
 * One protocol-buffers message, with fields in the order of the calls. Bytes are stored by reference and never joined, so a
 * model's weights are in memory once. https://protobuf.dev/programming-guides/encoding
 */
export class Message {
  /** The encoded message in order, in pieces. */
  readonly parts: Uint8Array[] = [];
  /** Length of all parts in bytes. */
  length = 0;

  /** An int32, int64 or enumeration; a list becomes a repeated field, unpacked. */
  integer(field: number, value: number | readonly number[]): this {
    for (const one of typeof value === "number" ? [value] : value)
      this.push(Uint8Array.from([...varint(field * 8 + VARINT), ...varint(one)]));
    return this;
  }

  float(field: number, value: number): this {
    this.push(Uint8Array.from(varint(field * 8 + FIXED32)));
    this.push(fixed(4, (view) => view.setFloat32(0, value, true)));
    return this;
  }

  double(field: number, value: number): this {
    this.push(Uint8Array.from(varint(field * 8 + FIXED64)));
    this.push(fixed(8, (view) => view.setFloat64(0, value, true)));
    return this;
  }

  /** A string, or each string of a repeated field. */
  text(field: number, value: string | readonly string[]): this {
    for (const one of typeof value === "string" ? [value] : value) this.bytes(field, new TextEncoder().encode(one));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.delimit(field, value.byteLength);
    this.push(value);
    return this;
  }

  /** A message, or each message of a repeated field. */
  message(field: number, value: Message | readonly Message[]): this {
    for (const one of value instanceof Message ? [value] : value) {
      this.delimit(field, one.length);
      for (const part of one.parts) this.push(part);
    }
    return this;
  }

  private delimit(field: number, length: number): void {
    this.push(Uint8Array.from([...varint(field * 8 + DELIMITED), ...varint(length)]));
  }

  private push(part: Uint8Array): void {
    this.parts.push(part);
    this.length += part.byteLength;
  }
}

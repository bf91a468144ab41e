/** The alphabet of byte-level tokenizers: a printable character for every byte (GPT-2). */

const PRINTABLE = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
] as const;

const isPrintable = (byte: number): boolean => PRINTABLE.some(([first, last]) => first <= byte && byte <= last);

/** Character of each byte: itself where it can be printed, else the next one from 256 on. */
const CHARACTERS: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++));
})();

const BYTES: ReadonlyMap<string, number> = new Map(CHARACTERS.map((character, byte) => [character, byte]));

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A text in the characters of its bytes. */
export function toByteLevel(text: string): string {
  return Array.from(bytesOf(text), (byte) => CHARACTERS[byte]).join("");
}

/** Bytes of a token; those of its own text if it is not written in the alphabet. */
export function fromByteLevel(token: string): readonly number[] {
  const bytes = Array.from(token, (character) => BYTES.get(character));
  return bytes.every((byte) => byte !== undefined) ? bytes : [...bytesOf(token)];
}

/** Decodes UTF-8; invalid bytes become U+FFFD. */
export function textOfBytes(bytes: readonly number[]): string {
  return decoder.decode(Uint8Array.from(bytes));
}

/** `<0x0A>` for the byte 10. */
export function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

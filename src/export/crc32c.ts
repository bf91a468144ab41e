/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? POLYNOMIAL : 0);
  return sum;
});

/** CRC-32C of the parts joined, unsigned. RFC 3720, appendix B.4. */
export function crc32c(parts: readonly Uint8Array[]): number {
  let sum = -1;
  for (const part of parts) for (const byte of part) sum = (sum >>> 8) ^ (TABLE[(sum ^ byte) & 255] as number);
  return ~sum >>> 0;
}

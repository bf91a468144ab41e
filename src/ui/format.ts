const MINUS = "−";
const DASH = "–";

/** Fixed decimals with a real minus sign; a dash for a missing number. */
export function fixed(value: number | null | undefined, decimals = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  return value
    .toFixed(decimals)
    .replace(/^-(?=0(\.0*)?$)/, "")
    .replace("-", MINUS);
}

/** Like `fixed`, always with its sign; zero has none. */
export function signed(value: number | null | undefined, decimals = 2): string {
  const text = fixed(value, decimals);
  return text === DASH || text.startsWith(MINUS) || Number(text) === 0 ? text : `+${text}`;
}

/** A reward in short form: +1, −0.5, +0.75. */
export function reward(value: number | undefined): string {
  if (value === undefined) return DASH;
  const text = String(Math.round(value * 100) / 100).replace("-", MINUS);
  return value > 0 ? `+${text}` : text;
}

/** A share in 0..1 as percent with one decimal, without the percent sign. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? DASH : fixed(share * 100, 1);
}

/** A duration in a readable unit. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return DASH;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${fixed(ms / 1000)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Decimal megabytes; kilobytes below one, gigabytes above a thousand. */
export function bytes(count: number): string {
  if (count >= 1e9) return `${fixed(count / 1e9, 1)} GB`;
  return count < 1e6 ? `${Math.round(count / 1e3)} kB` : `${fixed(count / 1e6, 1)} MB`;
}

/** Thousands separated, no decimals. */
export function whole(value: number | null | undefined): string {
  return value === null || value === undefined ? DASH : Math.round(value).toLocaleString("en-US");
}

/** A step's number for people: the first update is step 1, 0 is before it. Events and files count from 0. */
export function stepNumber(index: number): number {
  return index + 1;
}

/** The beginning of a text that is longer than so many characters. The whole must stand elsewhere. */
export function abridged(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text;
}

/** "1 attempt", "2 attempts". */
export function plural(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

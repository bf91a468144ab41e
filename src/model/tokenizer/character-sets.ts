/** Sets of characters that expressions and splits name, as the reference library understands them. */

/** Whether a code point belongs to the set. */
export type CharacterSet = (code: number) => boolean;

const FEW = 0x3000;

/** The set that a JavaScript class describes; answers for the frequent code points are kept. */
export function classOf(source: string): CharacterSet {
  const expression = new RegExp(`^${source}$`, "u");
  // 0 not asked yet, 1 outside, 2 inside
  const known = new Uint8Array(FEW);
  const ask = (code: number): boolean => expression.test(String.fromCodePoint(code));
  return (code) => {
    if (code >= FEW) return ask(code);
    if (known[code] === 0) known[code] = ask(code) ? 2 : 1;
    return known[code] === 2;
  };
}

export const WHITE_SPACE = classOf("\\p{White_Space}");
export const NUMERIC = classOf("\\p{N}");
/** The reference library's tables of marks and punctuation are of an older Unicode, which counted some characters among them. */
export const MARKS = classOf("[\\p{M}\\u1cf2\\u1cf3]");
/** As Oniguruma reads `\w`. */
export const WORD = classOf("[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]");
/** As Rust's expressions read `\w`. */
export const RUST_WORD = classOf("[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]");
export const PUNCTUATION = classOf("[\\p{P}!-/:-@\\[-`{-~\\u166d\\u{111c9}]");
export const DIGIT = classOf("\\p{Nd}");

export function except(set: CharacterSet): CharacterSet {
  return (code) => !set(code);
}

export function anyOf(sets: readonly CharacterSet[]): CharacterSet {
  return (code) => sets.some((set) => set(code));
}

export function range(first: number, last: number): CharacterSet {
  return (code) => first <= code && code <= last;
}

export function only(character: string): CharacterSet {
  const wanted = character.codePointAt(0);
  return (code) => code === wanted;
}

const CATEGORIES =
  /^(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfo]?|Han|Hiragana|Katakana|Hangul|Latin|Cyrillic|Greek|Arabic|Hebrew|Thai|Devanagari)$/;

/** The set of `\p{name}`; null for a name that is not known. */
export function property(name: string): CharacterSet | null {
  if (!CATEGORIES.test(name)) return null;
  return classOf(name.length > 2 ? `\\p{Script=${name}}` : `\\p{${name}}`);
}

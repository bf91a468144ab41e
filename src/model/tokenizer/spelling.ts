/** Pieces of a text → ids, by whatever model a file has. */

/** Why a piece has no ids of its own: it would become the unknown token, or be dropped. */
export class Unspelled extends Error {
  constructor(readonly piece: string) {
    super(piece);
  }
}

/** What turns pieces into tokens. */
export interface SpellingModel {
  /** Text → id. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** How many ids the reference library counts: those of added tokens follow. */
  readonly size: number;
  /** Ids of a piece. @throws Unspelled where the piece cannot be spelled */
  spell(piece: string): readonly number[];
}

/** Remembers the short pieces of a text: most come again and again. */
export function remembering(spell: SpellingModel["spell"], most = 10_000, longest = 256): SpellingModel["spell"] {
  const known = new Map<string, readonly number[]>();
  return (piece) => {
    const before = known.get(piece);
    if (before) return before;
    const ids = spell(piece);
    if (known.size >= most) known.clear();
    if (piece.length < longest) known.set(piece, ids);
    return ids;
  };
}

/** Turns pieces of a text into ids, with the file's model. */

/** Thrown for a piece that cannot be spelled: it would become the unknown token, or be dropped. */
export class Unspelled extends Error {
  constructor(readonly piece: string) {
    super(piece);
  }
}

/** What turns pieces into tokens. */
export interface SpellingModel {
  /** Text → id. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Number of ids that the reference library counts before those of added tokens. */
  readonly size: number;
  /** Ids of a piece. @throws Unspelled if the piece cannot be spelled */
  spell(piece: string): readonly number[];
}

/** Caches the ids of short pieces, which occur often. */
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

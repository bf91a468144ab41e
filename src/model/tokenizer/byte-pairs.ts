/** Byte pair encoding: joins neighbours in the order of the file's merges. arXiv 1508.07909 */
import { bytesOf, byteToken } from "./bytes";
import { type Part, refuse, shown } from "./part";
import { Queue } from "./queue";
import { remembering, type SpellingModel, Unspelled } from "./spelling";
import { MOST_TOKENS, readVocabulary, type Vocabulary } from "./vocabulary";

/** Two neighbours → the rank of their merge and the id of the two in one; both in one number, see `pack`. */
type Merges = ReadonlyMap<number, number>;

function pack(first: number, second: number): number {
  return first * MOST_TOKENS + second;
}

const FIELDS =
  "type dropout unk_token continuing_subword_prefix end_of_word_suffix fuse_unk byte_fallback ignore_merges vocab merges";

/** @throws KelvinError "model" */
export function readBytePairs(model: Part, rows: number): SpellingModel {
  model.only(FIELDS);
  if ((model.value("dropout") ?? 0) !== 0) refuse("model.dropout draws merges at random, which is not supported");
  const vocabulary = readVocabulary(model, rows);
  const prefix = model.text("continuing_subword_prefix", "");
  const suffix = model.text("end_of_word_suffix", "");
  const merges = readMerges(model, vocabulary, prefix);
  const letters = { vocabulary, prefix, suffix, bytes: model.flag("byte_fallback", false) };
  // A fused unknown or several: neither is spelled.
  model.flag("fuse_unk", false);
  const whole = model.flag("ignore_merges", false);
  const spell = (piece: string): readonly number[] => {
    const id = whole ? vocabulary.get(piece) : undefined;
    return id === undefined ? join(lettersOf(piece, letters), merges) : [id];
  };
  return { vocabulary, size: vocabulary.size, spell: remembering(spell) };
}

function readMerges(model: Part, vocabulary: Vocabulary, prefix: string): Merges {
  const cut = bytesOf(prefix).length;
  if (cut !== prefix.length) refuse("model.continuing_subword_prefix is not ASCII, which is not supported");
  const idOf = (text: string, merge: unknown): number =>
    vocabulary.get(text) ?? refuse(`the merge ${shown(merge)} makes or joins ${shown(text)}, which is no token`);
  let rank = 0;
  const merges = new Map<number, number>();
  for (const merge of model.list("merges")) {
    if (typeof merge === "string" && merge.startsWith("#version")) continue;
    const [first, second] = readMerge(merge);
    if (second.length < cut) refuse(`the merge ${shown(merge)} joins less than a continued token`);
    const id = idOf(first + second.slice(cut), merge);
    merges.set(pack(idOf(first, merge), idOf(second, merge)), pack(rank++, id));
  }
  return merges;
}

function readMerge(merge: unknown): readonly [string, string] {
  const pair = typeof merge === "string" ? merge.split(" ") : merge;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((one) => typeof one === "string"))
    refuse(`the merge ${shown(merge)} is not of two tokens`);
  return pair as [string, string];
}

interface Letters {
  readonly vocabulary: Vocabulary;
  readonly prefix: string;
  readonly suffix: string;
  /** Spell unknown characters by their bytes. */
  readonly bytes: boolean;
}

/** Ids of single characters, before any merge. @throws Unspelled */
function lettersOf(piece: string, { vocabulary, prefix, suffix, bytes }: Letters): number[] {
  const characters = [...piece];
  return characters.flatMap((character, index) => {
    const text = (index > 0 ? prefix : "") + character + (index === characters.length - 1 ? suffix : "");
    const id = vocabulary.get(text);
    if (id !== undefined) return [id];
    const ids = bytes ? Array.from(bytesOf(text), (byte) => vocabulary.get(byteToken(byte))) : [undefined];
    if (!ids.every((one) => one !== undefined)) throw new Unspelled(character);
    return ids;
  });
}

/** A possible merge: packed rank and id, and the place of its first part. */
interface Candidate {
  readonly merge: number;
  readonly at: number;
}

function isBefore(one: Candidate, other: Candidate): boolean {
  const [rank, otherRank] = [Math.floor(one.merge / MOST_TOKENS), Math.floor(other.merge / MOST_TOKENS)];
  return rank === otherRank ? one.at < other.at : rank < otherRank;
}

/** Makes all possible merges, lowest rank first, leftmost first among equals. */
function join(ids: number[], merges: Merges): readonly number[] {
  const next = ids.map((_, at) => at + 1);
  const before = ids.map((_, at) => at - 1);
  const gone = new Uint8Array(ids.length);
  const queue = new Queue<Candidate>(isBefore);
  const offer = (at: number): void => {
    const second = next[at] as number;
    if (at < 0 || second >= ids.length) return;
    const merge = merges.get(pack(ids[at] as number, ids[second] as number));
    if (merge !== undefined) queue.push({ merge, at });
  };
  for (let at = 0; at < ids.length - 1; at++) offer(at);
  for (let top = queue.pop(); top; top = queue.pop()) {
    const { at } = top;
    const second = next[at] as number;
    if (gone[at] || second >= ids.length) continue;
    const id = top.merge % MOST_TOKENS;
    // Another merge may have changed this place; if the result is the same token, the merge is still made.
    const now = merges.get(pack(ids[at] as number, ids[second] as number));
    if (now === undefined || now % MOST_TOKENS !== id) continue;
    ids[at] = id;
    gone[second] = 1;
    const after = next[second] as number;
    next[at] = after;
    if (after < ids.length) before[after] = at;
    offer(before[at] as number);
    offer(at);
  }
  return ids.filter((_, at) => !gone[at]);
}

/** Unigram language model: finds the likeliest way to spell a piece. arXiv 1804.10959 */
import { bytesOf, byteToken } from "./bytes";
import { type Part, refuse, shown } from "./part";
import { remembering, type SpellingModel, Unspelled } from "./spelling";
import { checkId, type Vocabulary } from "./vocabulary";

/** Penalty of an unknown character below the least likely token. */
const UNKNOWN_PENALTY = 10;

interface Node {
  readonly next: Map<string, Node>;
  /** −1 where no token ends. */
  id: number;
}

/** @throws KelvinError "model" */
export function readUnigram(model: Part, rows: number): SpellingModel {
  model.only("type unk_id vocab byte_fallback");
  const entries = model.list("vocab").map(readEntry);
  if (entries.length === 0) refuse("its vocabulary is empty");
  const vocabulary = new Map<string, number>();
  for (const [id, [text]] of entries.entries()) {
    checkId(text, id, rows);
    vocabulary.set(text, id);
  }
  const scores = entries.map(([, score]) => score);
  const unknown = model.value("unk_id") === null ? null : model.count("unk_id");
  if (unknown !== null && unknown >= entries.length) refuse("model.unk_id is not in the vocabulary");
  const bytes = model.flag("byte_fallback", false);
  const least = scores.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const lattice = { root: trieOf(vocabulary), scores, unknown, cost: least - UNKNOWN_PENALTY };
  const spell = (piece: string): readonly number[] =>
    best([...piece], lattice).flatMap((text) => vocabulary.get(text) ?? spellBytes(text, bytes, vocabulary));
  return { vocabulary, size: entries.length, spell: remembering(spell) };
}

function readEntry(value: unknown): readonly [string, number] {
  const [text, score] = Array.isArray(value) ? value : [];
  if (typeof text !== "string" || typeof score !== "number" || text === "")
    refuse(`the token ${shown(value)} is no text with a score`);
  return [text, asRead(score)];
}

/** A score as parsed by the reference library: all digits as one integer, divided once. Near ties depend on the last bit. */
function asRead(score: number): number {
  const [, sign, whole, fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(score)) ?? [];
  if (whole === undefined) refuse(`the score ${score} is no number`);
  const exponent = Number(power) - fraction.length;
  const digits = Number(BigInt(whole + fraction));
  const size = exponent < 0 ? digits / 10 ** -exponent : digits * 10 ** exponent;
  return sign === "-" ? -size : size;
}

function spellBytes(text: string, allowed: boolean, vocabulary: Vocabulary): number[] {
  const ids = allowed ? Array.from(bytesOf(text), (byte) => vocabulary.get(byteToken(byte))) : [undefined];
  if (!ids.every((id) => id !== undefined)) throw new Unspelled(text);
  return ids;
}

function trieOf(vocabulary: Vocabulary): Node {
  const root: Node = { next: new Map(), id: -1 };
  for (const [text, id] of vocabulary) {
    let node = root;
    for (const character of text) {
      const child = node.next.get(character) ?? { next: new Map(), id: -1 };
      node.next.set(character, child);
      node = child;
    }
    node.id = id;
  }
  return root;
}

interface Lattice {
  readonly root: Node;
  readonly scores: readonly number[];
  readonly unknown: number | null;
  /** Score of an unknown character. */
  readonly cost: number;
}

/** The best way to a place: the start of its last token, and whether that token is unknown. */
interface Arrival {
  readonly score: number;
  readonly start: number;
  readonly isUnknown: boolean;
}

/** Texts of the tokens; neighbours that are unknown are one. */
function best(characters: readonly string[], lattice: Lattice): string[] {
  const arrivals: (Arrival | undefined)[] = [{ score: 0, start: 0, isUnknown: false }];
  for (let start = 0; start < characters.length; start++) leave(start, characters, arrivals, lattice);
  const texts: string[] = [];
  let joins = false;
  for (let end = characters.length; end > 0; ) {
    const { start, isUnknown } = arrivals[end] as Arrival;
    const text = characters.slice(start, end).join("");
    if (isUnknown && joins) texts[texts.length - 1] = text + texts.at(-1);
    else texts.push(text);
    joins = isUnknown;
    end = start;
  }
  return texts.reverse();
}

/** Offers every token that starts at `start`, shortest first; among equals the first stays. */
function leave(
  start: number,
  characters: readonly string[],
  arrivals: (Arrival | undefined)[],
  { root, scores, unknown, cost }: Lattice,
): void {
  const till = (arrivals[start] as Arrival).score;
  const offer = (end: number, gain: number, isUnknown: boolean): void => {
    const score = gain + till;
    const there = arrivals[end];
    if (!there || score > there.score) arrivals[end] = { score, start, isUnknown };
  };
  let hasSingle = false;
  let node: Node | undefined = root;
  for (let end = start; end < characters.length; ) {
    node = node.next.get(characters[end] as string);
    if (!node) break;
    end++;
    if (node.id < 0) continue;
    offer(end, scores[node.id] as number, node.id === unknown);
    hasSingle ||= end === start + 1;
  }
  if (hasSingle) return;
  if (unknown === null) throw new Unspelled(characters[start] as string);
  offer(start + 1, cost, true);
}

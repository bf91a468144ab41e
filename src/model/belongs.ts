/** Checks the tensors of a file against a configuration: none may be missing, none may be lost. */
import { KelvinError } from "../contracts";
import type { ReadableTensor, ReadableTensors } from "./parameter-transfer";
import type { FlatLayout } from "./parameters";
import { isFloat } from "./safetensors";
import { refuseType } from "./stored-weights";

const WEIGHTS = "model.safetensors";
const HEAD = "lm_head.weight";
const EMBEDDING = "model.embed_tokens.weight";

/**
 * The tensors of a model, checked against its layout. If only the head of a tied model is stored, it is the embedding.
 * @throws KelvinError "model" for a tensor that is missing, has another shape, or would be lost
 */
export async function placedTensors<T extends ReadableTensor>(
  layout: FlatLayout,
  stored: ReadonlyMap<string, T>,
): Promise<ReadonlyMap<string, T>> {
  const head = stored.get(HEAD);
  const isTied = layout.parameters.every(({ name }) => name !== HEAD);
  const tensors = isTied && head && !stored.has(EMBEDDING) ? new Map([...stored, [EMBEDDING, head]]) : stored;
  checkParameters(layout, tensors);
  await refuseUnplaced(layout, tensors);
  return tensors;
}

/** @throws KelvinError "model" for a tensor that is missing in `file`, or has another shape or an unsupported type */
export function checkParameters(
  layout: Pick<FlatLayout, "parameters">,
  tensors: ReadableTensors,
  file = WEIGHTS,
): void {
  const hint = "The weights do not belong to this config.json.";
  for (const { name, shape } of layout.parameters) {
    const tensor = tensors.get(name);
    if (!tensor) throw new KelvinError("model", `${file}: ${name} is missing`, hint);
    if (!isFloat(tensor.dtype ?? "F32")) refuseType(name, tensor.dtype ?? "");
    if (tensor.shape.join() !== shape.join())
      throw new KelvinError("model", `${name}: expected [${shape}], got [${tensor.shape}]`, hint);
  }
}

/** Integers and booleans are not weights but position tables, masks and counters. */
const COUNTS = /^(?:BOOL|[IU]\d+)$/;
/** Tables that older files store although config.json implies them. */
const TABLES =
  /(?:^|\.)(?:rotary_emb\.(?:original_)?inv_freq|rotary_emb\.(?:cos|sin)_cached|(?:self_)?attn\.masked_bias)$/;
/** A causal mask; a bias of the same name has one axis. */
const MASK = /(?:^|\.)(?:self_)?attn\.(?:bias|mask)$/;

function isBuffer(name: string, { dtype = "F32", shape }: ReadableTensor): boolean {
  return COUNTS.test(dtype) || TABLES.test(name) || (MASK.test(name) && shape.length === 4);
}

/**
 * Refuses tensors for which the layout has no place: without them the model would say something else. Buffers that hold
 * no weights are left out. A stored head is left out if it is the embedding again.
 * @throws KelvinError "model" naming the first of them
 */
async function refuseUnplaced(layout: FlatLayout, tensors: ReadableTensors): Promise<void> {
  const placed = new Set(layout.parameters.map(({ name }) => name));
  if (!placed.has(HEAD)) await refuseOtherHead(tensors);
  const unplaced = [...tensors].filter(([name, tensor]) => !placed.has(name) && !isBuffer(name, tensor));
  const [first, ...others] = unplaced.map(([name]) => name).filter((name) => name !== HEAD);
  if (first === undefined) return;
  const more = others.length > 0 ? ` and ${others.length} more tensors` : "";
  throw new KelvinError(
    "model",
    `${WEIGHTS}: ${first}${more} cannot be placed in a model of this config.json`,
    "Without them the model would say something else. Give a plain Llama, Qwen2 or Qwen3 model.",
  );
}

/** @throws KelvinError "model" for a head that is stored beside a tied embedding and differs from it */
async function refuseOtherHead(tensors: ReadableTensors): Promise<void> {
  const [head, embedding] = [tensors.get(HEAD), tensors.get(EMBEDDING)];
  if (!head || !embedding || (await isSame(head, embedding))) return;
  throw new KelvinError(
    "model",
    `${WEIGHTS}: ${HEAD} is not ${EMBEDDING}, although config.json says tie_word_embeddings: true`,
    "Set tie_word_embeddings to false to use the head that is stored, or remove it from the file.",
  );
}

/** Numbers compared at a time. */
const COMPARED = 2 ** 22;

/** Whether two tensors have the same shape and, as float32, the same bits. */
async function isSame(one: ReadableTensor, other: ReadableTensor): Promise<boolean> {
  if (one === other) return true;
  if (one.shape.join() !== other.shape.join()) return false;
  const count = one.shape.reduce((product, size) => product * size, 1);
  for (let at = 0; at < count; at += COMPARED) {
    const length = Math.min(COMPARED, count - at);
    const [a, b] = [bitsOf(await one.read(at, length)), bitsOf(await other.read(at, length))];
    if (a.some((bits, i) => bits !== b[i])) return false;
  }
  return true;
}

function bitsOf({ buffer, byteOffset, length }: Float32Array<ArrayBuffer>): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}

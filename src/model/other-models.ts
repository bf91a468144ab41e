/** Refuses settings under which a Llama, Qwen2 or Qwen3 model computes something that the engine does not compute. */
import { type Fields, fail } from "./config-fields";
import { refuseUnknown } from "./known-fields";

/** SiLU's two names in Hugging Face's files. */
const ACTIVATIONS: readonly unknown[] = ["silu", "swish"];

/** Hugging Face's default for the first layer with a sliding window in Qwen2 files. */
const FIRST_SLIDING_LAYER = 28;

/** @throws KelvinError "model" that names the field, or the tensors without a place */
export function refuseOtherModels(family: string, fields: Fields): void {
  refuseUnknown(family, fields);
  refuseBiases(family, fields);
  const activation = fields.value("hidden_act") ?? "silu";
  if (!ACTIVATIONS.includes(activation)) fail(`hidden_act ${JSON.stringify(activation)} is not supported, only "silu"`);
  refuseWindows(family, fields);
  for (const place of [fields, fields.object("rope_parameters"), fields.object("rope_scaling")])
    if ((place?.value("partial_rotary_factor") ?? 1) !== 1)
      fail("partial_rotary_factor other than 1 is not supported: heads are rotated whole");
  if ((fields.value("quantization_config") ?? null) !== null)
    fail("quantization_config: quantized weights are not supported, only float32, float16 and bfloat16");
}

/** Qwen2 always has biases on q, k and v; Hugging Face ignores both flags for it. */
function refuseBiases(family: string, fields: Fields): void {
  if (family !== "qwen2" && fields.flag("attention_bias", false))
    fail(`attention_bias is true: self_attn.o_proj.bias of a ${family} model is not supported`);
  if (family === "llama" && fields.flag("mlp_bias", false))
    fail("mlp_bias is true: mlp.gate_proj.bias, mlp.up_proj.bias and mlp.down_proj.bias are not supported");
}

function refuseWindows(family: string, fields: Fields): void {
  const other = [fields.value("layer_types") ?? []].flat().find((type) => type !== "full_attention");
  if (other !== undefined) fail(`layer_types has ${JSON.stringify(other)}, only "full_attention" is supported`);
  // Llama has no sliding windows; a file with a list of layer types was checked above.
  if (family === "llama" || Array.isArray(fields.value("layer_types"))) return;
  if (!fields.flag("use_sliding_window", false) || fields.value("sliding_window") === null) return;
  const first = fields.value("max_window_layers") ?? FIRST_SLIDING_LAYER;
  if (Number(first) < fields.count("num_hidden_layers"))
    fail(`use_sliding_window is true: layers from ${first} on see only part of the text, which is not supported`);
}

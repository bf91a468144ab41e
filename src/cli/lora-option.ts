import { KelvinError, LORA_TARGETS, type LoraConfig, type LoraTarget } from "../contracts";
import { checkLora } from "../model/adapter-layout";

const FORM = `RANK[:ALPHA[:TARGETS]], as in --lora 8, --lora 8:16 or --lora 8:16:q,v; targets are ${LORA_TARGETS.join()}`;

/**
 * `RANK[:ALPHA[:TARGETS]]`. Alpha is twice the rank unless it is given, and every projection is adapted.
 * @throws KelvinError "input" for anything else
 */
export function parseLora(text: string): LoraConfig {
  const [rank = "", alpha, targets, ...rest] = text.split(":");
  const lora = {
    rank: numberOf(rank),
    alpha: alpha === undefined ? 2 * numberOf(rank) : numberOf(alpha),
    targets: targets === undefined ? LORA_TARGETS : (targets.split(",") as LoraTarget[]),
  };
  try {
    checkLora(lora);
  } catch (error) {
    // The same refusal, with the form of this option.
    if (error instanceof KelvinError) throw new KelvinError("input", `--lora ${text}`, FORM);
    throw error;
  }
  if (rest.length > 0) throw new KelvinError("input", `--lora ${text}`, FORM);
  return { ...lora, targets: LORA_TARGETS.filter((target) => lora.targets.includes(target)) };
}

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

/** One line for people: what is trained. */
export function describeLora({ rank, alpha, targets }: LoraConfig): string {
  return `LoRA of rank ${rank}, alpha ${alpha}, on ${targets.join()}`;
}

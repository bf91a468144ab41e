/** Adapters as a link holds them, in the form of the command line: RANK[:ALPHA[:TARGETS]]. */
import { KelvinError, LORA_TARGETS, type LoraConfig, type LoraTarget } from "../contracts";

/** Alpha is twice the rank unless it is given, and every projection is adapted. Checked by `checkLora`, not here. */
export function readLora(text: string): LoraConfig {
  const [rank = "", alpha, targets] = text.split(":");
  return {
    rank: numberOf(rank),
    alpha: alpha === undefined ? 2 * numberOf(rank) : numberOf(alpha),
    targets: targets === undefined ? LORA_TARGETS : (targets.split(",") as LoraTarget[]),
  };
}

export function loraText({ rank, alpha, targets }: LoraConfig): string {
  const all = targets.length === LORA_TARGETS.length;
  if (all && alpha === 2 * rank) return String(rank);
  return all ? `${rank}:${alpha}` : `${rank}:${alpha}:${targets.join(",")}`;
}

/** @throws KelvinError "input" for adapters that no model can have */
export function checkLora({ rank, alpha, targets }: LoraConfig): void {
  const sound = Number.isInteger(rank) && rank >= 1 && rank <= 1024 && alpha > 0 && Number.isFinite(alpha);
  const known = targets.length > 0 && targets.every((name) => LORA_TARGETS.includes(name));
  if (sound && known) return;
  throw new KelvinError(
    "input",
    `“lora=${loraText({ rank, alpha, targets })}” names no adapters.`,
    `RANK[:ALPHA[:TARGETS]], as in 8:16:q,v; targets are ${LORA_TARGETS.join(", ")}.`,
  );
}

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

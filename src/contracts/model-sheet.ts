/** Facts about a model that follow from its configuration, before its weights are downloaded. */
import type { MemoryNeed } from "./data";
import type { LoraConfig } from "./lora";

/** What the sheet shows before a model is loaded. */
export interface ModelSheet {
  readonly name: string;
  readonly family: "llama" | "qwen2" | "qwen3";
  readonly parameters: number;
  /** Parameters that would be trained: all, or the adapters'. */
  readonly trained: number;
  readonly layers: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly queryHeads: number;
  readonly keyHeads: number;
  readonly vocabulary: number;
  /** Longest sequence in tokens. */
  readonly contextLength: number;
  /** Whether embedding and head share one matrix. */
  readonly tied: boolean;
  readonly lora: LoraConfig | null;
  /** Bytes needed on this device. */
  readonly need: MemoryNeed;
  /** Bytes saved by storing frozen weights as float16 instead of float32. */
  readonly savedByHalves: number;
}

/** What a model is, told from its configuration alone: before any of its weights are fetched. */
import type { MemoryNeed } from "./data";
import type { LoraConfig } from "./lora";

/** What the sheet shows before a model is loaded. */
export interface ModelSheet {
  readonly name: string;
  readonly family: "llama" | "qwen2" | "qwen3";
  readonly parameters: number;
  /** Parameters that would be trained: all of them, or those of the adapters. */
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
  /** Bytes it would take on this device. */
  readonly need: MemoryNeed;
  /** Bytes that frozen weights of float16 take less than those of float32. */
  readonly savedByHalves: number;
}

/** Tasks that a model gives to its replicas in other threads. */
import type { LoraConfig, Loss, SamplingOptions } from "../contracts";
import type { PackedSequence } from "../loss/pack";
import type { ModelConfig } from "./config";
import type { ScoredSequence } from "./passes";
import type { Plan } from "./plan";
import type { Piece } from "./shares";

/** A buffer of weights, by the number that its owner gave it. */
export interface WeightsSet {
  readonly set: number;
  readonly of: "base" | "adapter";
}

/** The weights of one policy. */
export interface ChosenWeights {
  readonly base: number;
  readonly adapter: number | null;
}

/** What a replica is made from; equal plans make equal layouts. */
export interface ReplicaPlan {
  readonly config: ModelConfig;
  /** The part of one thread. */
  readonly plan: Plan;
  readonly lora: LoraConfig | null;
  readonly sets: readonly WeightsSet[];
}

/** By name: what is asked and what is answered. */
export interface ReplicaTasks {
  /** Makes the replica; answers the bytes that it takes. */
  readonly build: { readonly asks: ReplicaPlan; readonly answer: number };
  /** Makes room for more weights. */
  readonly add: { readonly asks: WeightsSet; readonly answer: null };
  /** The numbers of one page. */
  readonly write: {
    readonly asks: { readonly set: number; readonly page: number; readonly bytes: ArrayBuffer };
    readonly answer: null;
  };
  /** The gradient of a loss over these sequences, page by page, and the statistics of every predicted token. */
  readonly gradient: {
    readonly asks: {
      readonly weights: ChosenWeights;
      readonly sequences: readonly PackedSequence[];
      readonly loss: Loss;
    };
    readonly answer: Gradient;
  };
  /** Samples; the parts of the answer are chunks of tokens. */
  readonly generate: {
    readonly asks: {
      readonly weights: ChosenWeights;
      readonly pieces: readonly Piece[];
      readonly options: SamplingOptions;
    };
    readonly answer: null;
  };
  readonly score: {
    readonly asks: { readonly weights: ChosenWeights; readonly sequences: readonly ScoredSequence[] };
    readonly answer: readonly Float32Array[];
  };
  readonly features: {
    readonly asks: {
      readonly weights: ChosenWeights;
      readonly sequences: readonly ScoredSequence[];
      readonly layer: number;
    };
    readonly answer: readonly Float32Array[];
  };
  readonly destroy: { readonly asks: null; readonly answer: null };
}

export type ReplicaTask = keyof ReplicaTasks;

/** Of some sequences. */
export interface Gradient {
  /** Every page of the trained numbers. */
  readonly pages: readonly ArrayBuffer[];
  readonly stats: Float32Array;
}

/** Runs stored on this device. */

import type { ModelInfo, PairRow } from "./data";
import type { FailureReason } from "./errors";
import type { Measure } from "./measures";
import type { RunConfig } from "./run-config";

/** Facts about a stored run that do not need its log. */
export interface StoredRun {
  readonly id: string;
  /** Given by the visitor; initially method and seed. */
  readonly name: string;
  /** When it was started or imported, in milliseconds since 1970. */
  readonly created: number;
  readonly run: RunConfig;
  readonly model: ModelInfo;
  readonly device: string;
  /** Finished steps in its log. */
  readonly steps: number;
  /** "kept" if it can be resumed. An imported log has no weights and is "recorded". */
  readonly status: "running" | "kept" | "done" | "failed" | "recorded";
  /** Finished steps of the checkpoint; null if there is no checkpoint. */
  readonly checkpoint: number | null;
  /** First and latest result on the headline suite. */
  readonly before: readonly Measure[] | null;
  readonly after: readonly Measure[] | null;
}

/** A stored run with its size, for the list. */
export interface ListedRun extends StoredRun {
  readonly bytes: number;
  /** Whether a tab is training it now. */
  readonly busy: boolean;
}

/** A folder among the stored runs that cannot be read; it can only be deleted. */
export interface UnreadableRun {
  readonly id: string;
  /** Why, in one clause. */
  readonly why: string;
  readonly bytes: number;
}

/** Bytes that this page stores on the device, and the browser's quota; null if the browser does not report it. */
export interface StorageUse {
  readonly used: number;
  readonly granted: number | null;
}

/** Forms in which a stored run can be downloaded. */
export type ExportKind = "log" | "folder" | "safetensors" | "onnx" | "report" | "csv" | "tensorboard" | "handover";
export interface ExportedFile {
  readonly name: string;
  readonly file: Blob;
}

/** All runs stored on this device. A method rejects with a KelvinError if the device or a file fails. */
export interface RunLibrary {
  /** Newest first; unreadable runs are left out. */
  list(): Promise<readonly ListedRun[]>;
  /** The others: they take room too, and can be deleted. */
  unreadable(): Promise<readonly UnreadableRun[]>;
  usage(): Promise<StorageUse>;
  rename(id: string, name: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** The log, for replay. */
  log(id: string): Promise<Blob>;
  /** The answers of the run that the verifier found right, one for each task, as examples for another run. */
  rightAnswers(id: string): Promise<readonly PairRow[]>;
  export(id: string, kind: ExportKind): Promise<ExportedFile>;
  /** Stores a log (plain or gzipped) or a run's folder from a zip file. @throws KelvinError "input" if it is neither */
  import(file: File): Promise<StoredRun>;
}

/** A call to the library, which runs in its own worker. */
export interface LibraryCall {
  readonly id: number;
  readonly method: keyof RunLibrary;
  readonly values: readonly unknown[];
}

/** An answer of the library. */
export type LibraryAnswer =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number;
      readonly refusal: { readonly reason: FailureReason | "input"; readonly message: string; readonly hint: string };
    };

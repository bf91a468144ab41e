/** Runs that are kept on this device, and what can be done with them. */
import type { FailureReason, RunConfig } from "./commands";
import type { ModelInfo, SuiteResult } from "./data";

/** What is known of a kept run without reading its log. */
export interface StoredRun {
  readonly id: string;
  /** Given by the visitor; the beginning says method and seed. */
  readonly name: string;
  /** When it was begun or imported, as milliseconds since 1970. */
  readonly created: number;
  readonly run: RunConfig;
  readonly model: ModelInfo;
  readonly device: string;
  /** Finished steps in its log. */
  readonly steps: number;
  /** "kept" while it can go on; an imported log has no weights and is "recorded". */
  readonly status: "running" | "kept" | "done" | "failed" | "recorded";
  /** Finished steps of the checkpoint to go on from; null without one. */
  readonly checkpoint: number | null;
  /** First and latest result on the headline suite. */
  readonly before: SuiteResult | null;
  readonly after: SuiteResult | null;
}

/** A kept run with the room it takes, as the list shows it. */
export interface ListedRun extends StoredRun {
  readonly bytes: number;
  /** A tab is training it at this moment. */
  readonly busy: boolean;
}

/** Bytes this page keeps on the device, and how many the browser grants it; null where it does not say. */
export interface StorageUse {
  readonly used: number;
  readonly granted: number | null;
}

/** Files a kept run can be taken out as. */
export type ExportKind = "log" | "folder" | "safetensors" | "onnx" | "report";
export interface ExportedFile {
  readonly name: string;
  readonly file: Blob;
}

/** Every run kept on this device. Each method is answered by a KelvinError where the device or a file will not do it. */
export interface RunLibrary {
  /** Newest first; what cannot be read is left out. */
  list(): Promise<readonly ListedRun[]>;
  usage(): Promise<StorageUse>;
  rename(id: string, name: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** The log, to be played. */
  log(id: string): Promise<Blob>;
  export(id: string, kind: ExportKind): Promise<ExportedFile>;
  /** Keep a log (plain or packed) or a run's folder as a zip file. @throws KelvinError "input" when it is neither */
  import(file: File): Promise<StoredRun>;
}

/** The way to the library, which lives in a worker of its own. */
export interface LibraryCall {
  readonly id: number;
  readonly method: keyof RunLibrary;
  readonly values: readonly unknown[];
}

/** What comes back from the library. */
export type LibraryAnswer =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number;
      readonly refusal: { readonly reason: FailureReason | "input"; readonly message: string; readonly hint: string };
    };

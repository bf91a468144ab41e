import type { DeviceInfo } from "../contracts";
import type { Device } from "./device";

/** What a device can use and never needs; every kernel that uses one of them has a portable sibling. */
export const OPTIONAL_FEATURES = ["shader-f16", "subgroups", "timestamp-query"] as const;
export type OptionalFeature = (typeof OPTIONAL_FEATURES)[number];

/** What a device is opened without although the adapter has it: tests show that nothing needs it. */
export interface DeviceOptions {
  readonly without?: readonly OptionalFeature[];
  /** Bytes of the largest storage binding asked for; without it, the adapter's own limit. */
  readonly storageBindingBytes?: number;
}

/** Where a device can be opened: a WebGPU adapter, or the processor. */
export interface DeviceAdapter {
  /** e.g. "llvmpipe (LLVM 19.1.7, 256 bits)". */
  readonly name: string;
  /** A processor, also where it pretends to be a GPU. */
  readonly software: boolean;
  /** Bytes that models may take now; infinite where nobody can say. */
  readonly availableBytes: () => number;
  /** @throws KelvinError "no-webgpu" or "no-webassembly" where the adapter gives no device */
  open(options?: DeviceOptions): Promise<OpenDevice>;
}

export interface OpenDevice {
  readonly device: Device;
  readonly info: DeviceInfo;
}

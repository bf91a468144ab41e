import { type DeviceInfo, KelvinError } from "../contracts";
import { Gpu } from "./gpu";

/** First guess of the floating-point operations that fit a submit; the device's own times correct it. */
const SOFTWARE_COST = 1.5e9;
const HARDWARE_COST = 2e10;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

function isSoftware(info: GPUAdapterInfo): boolean {
  return SOFTWARE.test(`${info.vendor} ${info.architecture} ${info.description} ${info.device}`);
}

/** Which optional features and limits a device is opened with; tests mask them off. */
export interface DeviceOptions {
  readonly subgroups?: boolean;
}

/**
 * Open a device with the limits the engine profits from and the features it may use.
 * @throws KelvinError "no-webgpu" where the adapter gives no device
 */
export async function openDevice(
  adapter: GPUAdapter,
  options: DeviceOptions = {},
): Promise<{ gpu: Gpu; info: DeviceInfo }> {
  const subgroups = options.subgroups !== false && adapter.features.has("subgroups");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter
    .requestDevice({
      requiredFeatures: subgroups ? ["subgroups"] : [],
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    })
    .catch((error: unknown) => {
      throw new KelvinError(
        "no-webgpu",
        `The GPU adapter refused a device: ${String(error)}`,
        "Reload the page, or restart the browser.",
      );
    });
  const { info } = adapter;
  const software = isSoftware(info);
  const subgroup8 = subgroups && info.subgroupMinSize === 8 && info.subgroupMaxSize === 8;
  const gpu = new Gpu(device, { subgroup8, software }, software ? SOFTWARE_COST : HARDWARE_COST);
  return { gpu, info: describe(adapter, software) };
}

function describe(adapter: GPUAdapter, software: boolean): DeviceInfo {
  const { info, limits } = adapter;
  const names = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupStorageSize",
  ] as const;
  return {
    description: info.description || [info.vendor, info.architecture].filter(Boolean).join(" "),
    vendor: info.vendor,
    architecture: info.architecture,
    software,
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(names.map((name) => [name, limits[name]])),
  };
}

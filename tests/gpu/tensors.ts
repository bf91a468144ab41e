import { afterAll, expect } from "vitest";
import { openNodeAdapter } from "../../src/cli/node-adapter";
import { type Device, type View, view } from "../../src/device/device";
import { toHalves } from "../../src/device/halves";

/** Written behind and, where a kernel must overwrite, into every tensor; a kernel that strays or skips is seen. */
const SENTINEL = -77777;
/** The same behind float16, whose range ends before it. */
const HALF_SENTINEL = -54321;
const GUARD_FLOATS = 64;

/** A tensor on the device: rows of `columns` numbers, each padded with zeros to whole vec4, and a guard behind them. */
export interface DeviceTensor extends View {
  readonly rows: number;
  readonly columns: number;
  /** Floats from one row to the next. */
  readonly width: number;
}

/** The device of one test file, with the adapter's name for the headings. */
export interface TestDevice {
  readonly gpu: Device;
  readonly name: string;
  /** Uploads rows of `columns` numbers; width 1 makes a plain list of one column. */
  tensor(data: ArrayLike<number>, columns: number, width?: number): DeviceTensor;
  /** The same numbers as float16, which they must be exactly. */
  halves(data: ArrayLike<number>, columns: number): DeviceTensor;
  /** Room for a kernel's result; what the kernel leaves unwritten reads as an error. */
  result(rows: number, columns: number, width?: number): DeviceTensor;
  /** Unsigned integers, without padding. */
  indices(data: ArrayLike<number>): View;
  /** The numbers without padding; fails where padding is not zero or the guard was overwritten. */
  read(tensor: DeviceTensor): Promise<Float32Array>;
  readIndices(source: View): Promise<Uint32Array>;
}

/** Opens the adapter that KELVIN_ADAPTER names, once per test file. */
export async function openTestDevice(): Promise<TestDevice> {
  const adapter = await openNodeAdapter();
  const { name } = adapter;
  const { device: gpu } = await adapter.open();
  afterAll(() => {
    gpu.check();
    gpu.close();
  });
  const upload = (data: Float32Array<ArrayBuffer>, shape: Shape): DeviceTensor => {
    const buffer = gpu.storage("test tensor", data.length);
    gpu.write(buffer, data);
    return { ...view(buffer), ...shape };
  };
  return {
    gpu,
    name,
    tensor(data, columns, width = padTo4(columns)) {
      const shape = { rows: data.length / columns, columns, width };
      return upload(padded(data, shape), shape);
    },
    halves(data, columns) {
      const shape = { rows: data.length / columns, columns, width: padTo4(columns) };
      const floats = padded(data, shape).fill(HALF_SENTINEL, shape.rows * shape.width);
      const buffer = gpu.storage("test halves", floats.length / 2);
      gpu.write(buffer, toHalves(floats, "a tensor of halves"));
      return { ...view(buffer), ...shape, halves: true };
    },
    result(rows, columns, width = padTo4(columns)) {
      const unwritten = new Float32Array(rows * width + GUARD_FLOATS).fill(SENTINEL);
      return upload(unwritten, { rows, columns, width });
    },
    indices(data) {
      const buffer = gpu.storage("test indices", data.length);
      gpu.write(buffer, Uint32Array.from(data));
      return view(buffer);
    },
    read: async (tensor) => unpadded(await gpu.readFloats(tensor), tensor),
    readIndices: async (source) => new Uint32Array(await gpu.read(source)),
  };
}

type Shape = Pick<DeviceTensor, "rows" | "columns" | "width">;

export function padTo4(columns: number): number {
  return Math.ceil(columns / 4) * 4;
}

function padded(data: ArrayLike<number>, { rows, columns, width }: Shape): Float32Array<ArrayBuffer> {
  expect(rows, "whole rows").toBe(Math.floor(rows));
  const floats = new Float32Array(rows * width + GUARD_FLOATS).fill(SENTINEL, rows * width);
  for (let i = 0; i < data.length; i++) floats[Math.floor(i / columns) * width + (i % columns)] = data[i]!;
  return floats;
}

function unpadded(floats: Float32Array, { rows, columns, width }: Shape): Float32Array {
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const data = floats.subarray(row * width, (row + 1) * width);
    values.set(data.subarray(0, columns), row * columns);
    expectOnly(0, data.subarray(columns), `padding of row ${row}`);
  }
  expectOnly(SENTINEL, floats.subarray(rows * width, rows * width + GUARD_FLOATS), "guard behind the last row");
  return values;
}

function expectOnly(value: number, floats: Float32Array, what: string): void {
  const isIntact = floats.every((float) => float === value);
  expect(isIntact, `${what}: ${floats}`).toBe(true);
}

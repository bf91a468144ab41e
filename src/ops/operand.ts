import float16 from "../../shaders/lib/operand.float16.wgsl?raw";
import float32 from "../../shaders/lib/operand.float32.wgsl?raw";
import type { Precision } from "../contracts";
import type { KernelSpec } from "../device/kernel";

/** The binding of the tensor that a kernel reads through `operand`. */
const BINDING = 2;

/** Code prelude and spec fields of a kernel that reads a tensor of this precision. */
export function operand(precision: Precision): { readonly prelude: string; readonly spec: Pick<KernelSpec, "halves"> } {
  return precision === "float16" ? { prelude: float16, spec: { halves: BINDING } } : { prelude: float32, spec: {} };
}

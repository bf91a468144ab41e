/** The CPU engine's modules, base64: the build makes them from `shaders/module.ts` (scripts/lib/cpu-modules.mjs). */
declare module "kelvin:cpu/plain" {
  const base64: string;
  export default base64;
}
declare module "kelvin:cpu/relaxed" {
  const base64: string;
  export default base64;
}

/** Addresses of the CPU engine's modules: the build makes them from `shaders/module.ts` (scripts/lib/cpu-modules.mjs). */
declare module "kelvin:cpu/plain" {
  const address: string;
  export default address;
}
declare module "kelvin:cpu/relaxed" {
  const address: string;
  export default address;
}

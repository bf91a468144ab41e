/** Addresses of the CPU engine's modules: the build makes them from `shaders/module.ts` (scripts/lib/cpu-modules.mjs). */
declare module "kelvin:cpu/plain" {
  const address: string;
  export default address;
}
declare module "kelvin:cpu/relaxed" {
  const address: string;
  export default address;
}

declare module "kelvin:shaders" {
  /** Text of each shader by the mark that stands for it in the page's code; empty outside the built page. */
  const texts: Readonly<Record<string, string>>;
  export default texts;
}

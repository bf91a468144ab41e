import SHADERS from "kelvin:shaders";

/** A kernel's WGSL. The built page's code holds marks in place of shaders, which only a visitor with a GPU fetches. */
export function shaderText(code: string): string {
  return code.replaceAll(/«[^»]+»/g, (mark) => {
    const text = SHADERS[mark];
    if (text === undefined) throw new Error(`no shader ${mark}`);
    return text;
  });
}

const LOOP = /unroll for \(var (\w+) = 0u; \1 < (\w+); \1\+\+\) \{/;

/**
 * Puts constants in front of WGSL and writes out every loop of the form `unroll for (var i = 0u; i < COUNT; i++) { … }`. Some
 * drivers do not unroll short loops and index arrays lane by lane, which takes most of a software adapter's time. Also, the lane
 * of a broadcast must be a constant.
 * @param constants u32, by the names used in code and loops
 * @throws if a loop's bound is not a constant
 */
export function unrolled(constants: Readonly<Record<string, number>>, code: string): string {
  const prelude = Object.entries(constants).map(([name, value]) => `const ${name} = ${value}u;\n`);
  return prelude.join("") + expanded(constants, code);
}

function expanded(constants: Readonly<Record<string, number>>, code: string): string {
  const loop = LOOP.exec(code);
  if (!loop) return code;
  const [header, variable = "", bound = ""] = loop;
  const count = constants[bound];
  if (count === undefined) throw new Error(`a loop that is written out counts to ${bound}, which is no constant`);
  const begin = loop.index + header.length;
  const end = closingBrace(code, begin);
  // Expand inner loops first: they are the same in every copy.
  const body = expanded(constants, code.slice(begin, end));
  const name = new RegExp(`\\b${variable}\\b`, "g");
  const copies = Array.from({ length: count }, (_, i) => `{${body.replace(name, `${i}u`)}}`);
  return code.slice(0, loop.index) + copies.join("\n") + expanded(constants, code.slice(end + 1));
}

/** Index of the closing brace of the block whose content begins at `from`. */
function closingBrace(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === "{") depth++;
    if (code[at] === "}" && --depth === 0) return at;
  }
  throw new Error("a loop that is written out has no end");
}

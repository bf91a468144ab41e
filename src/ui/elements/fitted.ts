/** Texts of one line that cannot be broken: what the browser draws in a field of its own. */

let context: OffscreenCanvasRenderingContext2D | null = null;

/** The longest beginning of a text that is at most so many pixels wide in an element's font; the whole must stand elsewhere. */
export function fitted(
  text: string,
  pixels: number,
  { fontWeight, fontSize, fontFamily }: CSSStyleDeclaration,
): string {
  context ??= new OffscreenCanvas(1, 1).getContext("2d");
  if (!context) return text;
  context.font = `${fontWeight} ${fontSize} ${fontFamily}`;
  const { width } = context.measureText(text);
  if (width <= pixels) return text;
  // Letters of nearly one width: the share of the room is close, and the rest is taken off.
  let kept = Math.max(1, Math.floor((text.length * pixels) / width));
  const shown = () => `${text.slice(0, kept).trimEnd()}…`;
  while (kept > 1 && context.measureText(shown()).width > pixels) kept--;
  return shown();
}

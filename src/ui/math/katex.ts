/** KaTeX with its own style sheet and fonts from this page's origin. Loaded with the first formula. */
import { render } from "katex";
import text from "katex/dist/katex.min.css?inline";

/** Shared by all shadow roots with formulas. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(text);

// Shadow roots ignore @font-face, so the document needs the fonts. It gets the whole sheet, whose other rules match nothing
// there. The build puts addresses into the text by closing and reopening the string, so no method may be called on it.
const fonts = document.createElement("style");
fonts.textContent = text;
document.head.append(fonts);

/** Renders TeX into an element, with MathML for screen readers. @throws for invalid TeX */
export function draw(tex: string, into: HTMLElement, displayMode: boolean): void {
  render(tex, into, { displayMode, throwOnError: true, output: "htmlAndMathml", strict: "error" });
}

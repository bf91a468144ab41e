/** KaTeX with its own style sheet and fonts, all from this page's origin. Loaded when the first formula is shown. */
import { render } from "katex";
import text from "katex/dist/katex.min.css?inline";

/** Shared by every shadow root that holds a formula. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(text);

// Shadow roots ignore @font-face: the document has to know the fonts. It gets the whole sheet, whose other rules touch
// nothing of it, because the build puts addresses into the text by closing and reopening it: no method may be called on it.
const fonts = document.createElement("style");
fonts.textContent = text;
document.head.append(fonts);

/** Draws TeX into an element, with MathML beside it for screen readers. @throws on TeX it cannot read */
export function draw(tex: string, into: HTMLElement, displayMode: boolean): void {
  render(tex, into, { displayMode, throwOnError: true, output: "htmlAndMathml", strict: "error" });
}

/** Finds what is cut off, leaves its box, or lies over its neighbour: measured in the page, through every shadow root. */
import type { Page } from "playwright-core";

/** One fault: what is wrong, with which words, and where. */
export interface Fault {
  readonly fault: "cut" | "leaves its box" | "overlaps" | "leaves the screen" | "cut in a picture";
  readonly text: string;
  /** Elements from the inside out; a shadow root's host follows what is in it. */
  readonly where: string;
  /** Pixels too much. */
  readonly by: number;
}

/** Keeps every text that a canvas draws beyond its edge. Before the page's own scripts. */
export const watchCanvases = (page: Page) =>
  page.addInitScript(() => {
    const { fillText } = CanvasRenderingContext2D.prototype;
    const beyond = new Map<HTMLCanvasElement, Map<string, number>>();
    Object.assign(window, { textBeyondCanvas: beyond });
    const { clearRect } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...rect) {
      beyond.delete(this.canvas);
      clearRect.apply(this, rect);
    };
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
      const { actualBoundingBoxLeft: left, actualBoundingBoxRight: right } = this.measureText(text);
      const at = this.getTransform().transformPoint({ x, y });
      const by = Math.max(left - at.x, at.x + right - this.canvas.width);
      if (by > 1) beyond.set(this.canvas, (beyond.get(this.canvas) ?? new Map()).set(text, by));
      fillText.call(this, text, x, y, ...rest);
    };
  });

/** Every fault of what is on screen now, at the present width. */
export const faultsOf = (page: Page): Promise<Fault[]> =>
  page.evaluate(() => {
    /** Rounding of positions, and of letters that lean over their advance. */
    const SLACK = 1.5;
    const faults: Fault[] = [];

    const parentOf = (node: Node): Element | null => {
      if (node instanceof Element && node.assignedSlot) return node.assignedSlot;
      const parent = node.parentNode;
      return parent instanceof ShadowRoot ? parent.host : parent instanceof Element ? parent : null;
    };
    const name = (element: Element) =>
      element.localName + (element.classList.length > 0 ? `.${[...element.classList].join(".")}` : "");
    const path = (element: Element): string => {
      const names: string[] = [];
      for (let at: Element | null = element; at && names.length < 6; at = parentOf(at))
        if (at.localName !== "slot") names.push(name(at));
      return names.join(" < ");
    };
    const say = (fault: Fault["fault"], element: Element, text: string, by: number) =>
      faults.push({
        fault,
        text: text.trim().replaceAll(/\s+/gu, " ").slice(0, 60),
        where: path(element),
        by: Math.round(by),
      });

    /** For screen readers alone. */
    const isUnseen = (style: CSSStyleDeclaration) =>
      style.clipPath === "inset(50%)" || style.clip === "rect(0px, 0px, 0px, 0px)";
    const clips = (overflow: string) => overflow === "hidden" || overflow === "clip";
    const scrolls = (overflow: string) => overflow === "auto" || overflow === "scroll";
    const paints = (style: CSSStyleDeclaration) =>
      style.backgroundColor !== "rgba(0, 0, 0, 0)" ||
      ["Top", "Right", "Bottom", "Left"].some((side) => {
        const width = style.getPropertyValue(`border-${side.toLowerCase()}-width`);
        return width !== "0px" && style.getPropertyValue(`border-${side.toLowerCase()}-style`) !== "none";
      });
    const styles = new Map<Element, CSSStyleDeclaration>();
    const styleOf = (element: Element) => {
      const known = styles.get(element) ?? getComputedStyle(element);
      styles.set(element, known);
      return known;
    };

    /** The letters themselves: a line box may be lower than the font is high. */
    const inked = ({ left, right, top, bottom }: DOMRect, size: number) => {
      const middle = (top + bottom) / 2;
      return { left, right, top: middle - size * 0.36, bottom: middle + size * 0.36 };
    };
    type Box = ReturnType<typeof inked>;
    const texts: { node: Text; element: Element; boxes: Box[]; layer: Element | null }[] = [];

    const inner = (element: Element): Box => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { left, right, top, bottom };
    };
    const excess = (box: Box, around: Box) => ({
      x: Math.max(around.left - box.left, box.right - around.right),
      y: Math.max(around.top - box.top, box.bottom - around.bottom),
    });

    /** A box and everything around it, up to the window; what can be scrolled to is not lost. */
    const follow = (element: Element, text: string, first: Box): "seen" | "scrolled away" => {
      let box = first;
      // Moved away until it has the focus.
      if (box.right <= 0) return "scrolled away";
      let sees: "seen" | "scrolled away" = "seen";
      for (let at: Element | null = element; at; at = parentOf(at)) {
        const style = styleOf(at);
        if (style.display === "contents" || style.display === "inline") continue;
        const { x, y } = excess(box, inner(at));
        if (scrolls(style.overflowX) || scrolls(style.overflowY)) {
          if (at === document.documentElement || at === document.body) break;
          if ((scrolls(style.overflowX) && x > SLACK) || (scrolls(style.overflowY) && y > 0)) sees = "scrolled away";
          box = inner(at);
        } else if ((clips(style.overflowX) && x > SLACK) || (clips(style.overflowY) && y > SLACK)) {
          say("cut", element, text, Math.max(x, y));
          return sees;
        } else if (paints(style) && (x > SLACK || y > SLACK)) {
          say("leaves its box", element, text, Math.max(x, y));
          return sees;
        }
        // What lies over the page is placed by itself.
        if (style.position === "fixed" || at.matches("dialog, [popover]")) break;
      }
      const beyond = Math.max(-box.left, box.right - document.documentElement.clientWidth);
      if (beyond > SLACK) say("leaves the screen", element, text, beyond);
      return sees;
    };

    const layerOf = (element: Element): Element | null => {
      for (let at: Element | null = element; at; at = parentOf(at))
        if (at.matches("dialog, [popover]") || ["fixed", "sticky", "absolute"].includes(styleOf(at).position))
          return at;
      return null;
    };

    /** Whether the middle of a text lies in a rectangle: that is its box in a drawing. */
    const holds = (rect: Box, box: Box) => {
      const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
      return rect.left < x && x < rect.right && rect.top < y && y < rect.bottom;
    };

    const measureText = (node: Text, element: Element) => {
      const style = styleOf(element);
      const range = document.createRange();
      range.selectNodeContents(node);
      const size = Number.parseFloat(style.fontSize);
      const boxes = [...range.getClientRects()].filter(({ width }) => width > 0.5).map((rect) => inked(rect, size));
      if (boxes.length === 0) return;
      const count = faults.length;
      const kept = boxes.filter((box) => faults.length > count || follow(element, node.data, box) === "seen");
      // Its own element may be narrower than it, and let it run over a neighbour.
      if (faults.length === count && style.display !== "inline" && style.display !== "contents") {
        const over = Math.max(...boxes.map((box) => excess(box, inner(element)).x));
        if (over > SLACK && !scrolls(style.overflowX)) say("leaves its box", element, node.data, over);
      }
      // A number in a circle sits on the corner of a rectangle.
      const isBadge = element.parentElement?.querySelector(":scope > circle") !== null;
      const drawing = faults.length === count && !isBadge ? element.closest("svg") : null;
      for (const box of drawing ? boxes : []) {
        const around = [...(drawing?.querySelectorAll("rect") ?? [])].map(inner).filter((rect) => holds(rect, box));
        const over = Math.max(...around.map((rect) => excess(box, rect).x));
        if (over > 0) say("leaves its box", element, node.data, over);
      }
      if (kept.length > 0) texts.push({ node, element, boxes: kept, layer: layerOf(element) });
    };

    const measureField = (element: HTMLInputElement | HTMLSelectElement) => {
      const style = styleOf(element);
      if (element instanceof HTMLInputElement) {
        // Free text is scrolled by its caret.
        const isFixed = element.type === "number" || element.readOnly;
        if (isFixed && element.scrollWidth > element.clientWidth + 1)
          say("cut", element, element.value, element.scrollWidth - element.clientWidth);
        return;
      }
      const context = new OffscreenCanvas(1, 1).getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.font = style.font;
      const text = element.selectedOptions[0]?.text ?? "";
      const arrow = style.appearance === "none" ? 0 : 12;
      const room =
        element.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight) - arrow;
      const over = context.measureText(text).width - room;
      if (over > 4) say("cut", element, text, over);
    };

    const topDialog = (root: Document | ShadowRoot): Element | null => {
      for (const element of root.querySelectorAll("*")) {
        if (element.matches("dialog:modal")) return element;
        const inside = element.shadowRoot && topDialog(element.shadowRoot);
        if (inside) return inside;
      }
      return null;
    };

    const visit = (root: Document | ShadowRoot | Element): void => {
      for (const node of root.childNodes) {
        if (node instanceof Text) {
          const element = parentOf(node);
          if (element && node.data.trim() !== "" && !(root instanceof Document)) measureText(node, element);
        }
        if (!(node instanceof Element) || node.matches("script, style, noscript, head, title, option, .katex"))
          continue;
        if (
          !node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) &&
          styleOf(node).display !== "contents"
        )
          continue;
        if (isUnseen(styleOf(node))) continue;
        const style = styleOf(node);
        if (style.textOverflow === "ellipsis" && clips(style.overflowX) && node.scrollWidth > node.clientWidth + 1)
          say("cut", node, node.textContent ?? "", node.scrollWidth - node.clientWidth);
        if (node instanceof HTMLInputElement || node instanceof HTMLSelectElement) {
          if (node.type !== "checkbox" && node.type !== "file") measureField(node);
          continue;
        }
        if (node instanceof HTMLTextAreaElement) continue;
        if (node.shadowRoot) visit(node.shadowRoot);
        visit(node);
      }
    };
    // A dialog hides the page behind it.
    const opened = topDialog(document);
    visit(opened ?? document.body);

    const isOver = (a: Box, b: Box) =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
    const all = texts.flatMap(({ node, element, boxes, layer }) => boxes.map((box) => ({ node, element, box, layer })));
    all.sort((a, b) => a.box.top - b.box.top);
    for (const [index, a] of all.entries()) {
      for (let next = index + 1; next < all.length; next++) {
        const b = all[next];
        if (!b || b.box.top > a.box.bottom) break;
        if (a.node !== b.node && a.layer === b.layer && isOver(a.box, b.box))
          say(
            "overlaps",
            a.element,
            `${a.node.data.trim()} | ${b.node.data.trim()}`,
            Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left),
          );
      }
    }

    for (const [canvas, found] of (
      window as unknown as { textBeyondCanvas: Map<HTMLCanvasElement, Map<string, number>> }
    ).textBeyondCanvas) {
      const host = canvas.getRootNode() instanceof ShadowRoot && canvas.isConnected && canvas.checkVisibility();
      if (host) for (const [text, by] of found) say("cut in a picture", canvas, text, by);
    }
    const beyond = document.documentElement.scrollWidth - innerWidth;
    if (beyond > 0) say("leaves the screen", document.body, "the page", beyond);
    // One fault is often seen on every row.
    return [...new Map(faults.map((fault) => [`${fault.fault} ${fault.where}`, fault])).values()];
  });

/** Where everything lies, through every shadow root: two themes with the same places differ in colours alone. */
export const placesOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const visit = (root: Document | ShadowRoot): void => {
      for (const element of root.querySelectorAll("*")) {
        const { x, y, width, height } = element.getBoundingClientRect();
        if (width > 0) found.push(`${element.localName} ${[x, y, width, height].map(Math.round)}`);
        if (element.shadowRoot) visit(element.shadowRoot);
      }
    };
    visit(document);
    return found;
  });

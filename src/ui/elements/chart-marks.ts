/** Marks that uPlot lacks: end marks with labels, and named horizontal reference lines. */
import type uPlot from "uplot";
import type { MarkShape, ReferenceLine } from "./line-chart-types";

/** The last point of a curve, with its name. */
export interface EndMark {
  readonly shape: MarkShape;
  readonly color: string;
  /** Text beside the mark; "" for none. */
  readonly label: string;
  readonly value: number;
  readonly x: number;
}

const LINE_HEIGHT = 13;

/** Draws end marks; moves labels apart if lines end close together. */
export function drawEndMarks(plot: uPlot, marks: readonly EndMark[], ink: string, font: string, scale = 1): void {
  const ratio = devicePixelRatio * scale;
  const placed = marks.map((mark) => ({
    mark,
    x: plot.valToPos(mark.x, "x", true),
    y: plot.valToPos(mark.value, "y", true),
  }));
  for (const { mark, x, y } of placed) drawShape(plot.ctx, mark, x, y, 3.4 * ratio);
  const labels = placed.filter(({ mark }) => mark.label !== "").sort((a, b) => a.y - b.y);
  const lines = spread(
    labels.map(({ y }) => y),
    LINE_HEIGHT * ratio,
    plot.bbox.top + plot.bbox.height,
  );
  plot.ctx.save();
  Object.assign(plot.ctx, { font, fillStyle: ink, textAlign: "left", textBaseline: "middle" });
  for (const [index, { mark, x }] of labels.entries()) {
    plot.ctx.fillText(mark.label, x + 9 * ratio, lines[index] ?? 0);
  }
  plot.ctx.restore();
}

/** No mark is smaller, in CSS pixels. */
const SMALLEST = 1.1;

/** Draws single marks; their radius is a length on the horizontal axis. */
export function drawSpots(plot: uPlot, spots: readonly Omit<EndMark & { radius: number }, "label">[]): void {
  for (const { x, value, radius, ...mark } of spots) {
    const [left, top] = [plot.valToPos(x, "x", true), plot.valToPos(value, "y", true)];
    const size = plot.valToPos(x + radius, "x", true) - left;
    drawShape(plot.ctx, mark, left, top, Math.max(SMALLEST * devicePixelRatio, size));
  }
}

/** Draws a dotted line across the plot with its name above the left end. */
export function drawReferenceLine(plot: uPlot, line: ReferenceLine, color: string, font: string): void {
  const { left, width } = plot.bbox;
  const y = plot.valToPos(line.value, "y", true);
  plot.ctx.save();
  Object.assign(plot.ctx, {
    font,
    strokeStyle: color,
    fillStyle: color,
    lineWidth: devicePixelRatio,
    textAlign: "left",
    textBaseline: "bottom",
  });
  plot.ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  plot.ctx.beginPath();
  plot.ctx.moveTo(left, y);
  plot.ctx.lineTo(left + width, y);
  plot.ctx.stroke();
  plot.ctx.fillText(line.label, left + 2 * devicePixelRatio, y - 2 * devicePixelRatio);
  plot.ctx.restore();
}

/** Moves sorted positions at least `gap` apart, above `bottom`. */
function spread(sorted: readonly number[], gap: number, bottom: number): number[] {
  const out: number[] = [];
  for (const y of sorted) out.push(Math.max(y, (out.at(-1) ?? Number.NEGATIVE_INFINITY) + gap));
  for (let i = out.length - 1, limit = bottom; i >= 0; i--, limit -= gap) out[i] = Math.min(out[i] ?? 0, limit);
  return out;
}

function drawShape(
  context: CanvasRenderingContext2D,
  { shape, color }: Pick<EndMark, "shape" | "color">,
  x: number,
  y: number,
  radius: number,
): void {
  if (shape === "none") return;
  context.save();
  context.fillStyle = color;
  context.beginPath();
  if (shape === "circle") context.arc(x, y, radius, 0, 2 * Math.PI);
  if (shape === "square") context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
  if (shape === "triangle") {
    context.moveTo(x, y - radius * 1.2);
    context.lineTo(x + radius * 1.15, y + radius * 0.85);
    context.lineTo(x - radius * 1.15, y + radius * 0.85);
  }
  if (shape === "diamond")
    for (const [across, down] of [
      [0, -1.3],
      [1.3, 0],
      [0, 1.3],
      [-1.3, 0],
    ] as const)
      context.lineTo(x + radius * across, y + radius * down);
  context.fill();
  context.restore();
}

/** Canonical text of single values, equal to Python's `repr` and `ascii`. */

const NAMED_ESCAPES = new Map([
  [0x5c, "\\\\"],
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
]);

/** Python's `ascii()` of a string given as code points, including lone surrogates. */
export function stringText(points: readonly number[]): string {
  const quote = points.includes(0x27) && !points.includes(0x22) ? '"' : "'";
  const body = points.map((point) => escapePoint(point, quote)).join("");
  return quote + body + quote;
}

function escapePoint(point: number, quote: string): string {
  const named = NAMED_ESCAPES.get(point);
  if (named) return named;
  const hex = point.toString(16);
  if (point >= 0x10000) return `\\U${hex.padStart(8, "0")}`;
  if (point >= 0x100) return `\\u${hex.padStart(4, "0")}`;
  if (point < 0x20 || point >= 0x7f) return `\\x${hex.padStart(2, "0")}`;
  const character = String.fromCharCode(point);
  return character === quote ? `\\${quote}` : character;
}

/** Python's `repr()` of a finite float: the shortest digits that parse back, with an exponent below 1e-4 and from 1e16 on. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (value === 0) return "0.0";
  const [mantissa = "", exponentText = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const exponent = Number(exponentText);
  return (
    (value < 0 ? "-" : "") +
    (exponent < -4 || exponent >= 16 ? scientific(digits, exponent) : positional(digits, exponent))
  );
}

function scientific(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return `${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}

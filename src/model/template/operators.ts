/** Python's operators. */
import {
  compareTexts,
  Float,
  fault,
  isDictionary,
  isEqual,
  isList,
  itemsOf,
  numberOf,
  print,
  Tuple,
  typeOf,
  Undefined,
  type Value,
} from "./values";

/** @throws TemplateFault for values that the operator does not take */
export function binary(operator: string, left: Value, right: Value): Value {
  if (operator === "==") return isEqual(left, right);
  if (operator === "!=") return !isEqual(left, right);
  if (operator === "in") return isIn(left, right);
  if (operator === "not in") return !isIn(left, right);
  if (operator === "~") return print(left) + print(right);
  for (const one of [left, right]) if (one instanceof Undefined) fault(`'${one.name}' is undefined`);
  if (["<", ">", "<=", ">="].includes(operator)) return compare(operator, left, right);
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a && b) return arithmetic(operator, a.number, b.number, a.isFloat || b.isFloat);
  if (operator === "+") {
    if (typeof left === "string" && typeof right === "string") return left + right;
    if (isList(left) && isList(right)) return [...left, ...right];
    if (left instanceof Tuple && right instanceof Tuple) return new Tuple([...left.items, ...right.items]);
  }
  if (operator === "*" && typeof left === "string" && typeof right === "number") return repeat(left, right);
  return fault(`${typeOf(left)} ${operator} ${typeOf(right)} is not supported`);
}

function repeat(text: string, times: number): string {
  if (text.length * times > 1_000_000) fault("it writes too much");
  return text.repeat(Math.max(0, times));
}

function isIn(value: Value, place: Value): boolean {
  if (isDictionary(place)) return place.has(value);
  if (typeof place === "string")
    return typeof value === "string" ? place.includes(value) : fault("only texts are in texts");
  return itemsOf(place).some((one) => isEqual(one, value));
}

function compare(operator: string, left: Value, right: Value): boolean {
  const [a, b] = [numberOf(left), numberOf(right)];
  const texts = typeof left === "string" && typeof right === "string";
  if (!texts && !(a && b)) fault(`${typeOf(left)} ${operator} ${typeOf(right)} is not supported`);
  const order = texts ? compareTexts(left, right) : (a?.number ?? 0) - (b?.number ?? 0);
  if (operator === "<") return order < 0;
  if (operator === ">") return order > 0;
  return operator === "<=" ? order <= 0 : order >= 0;
}

function arithmetic(operator: string, a: number, b: number, isFloat: boolean): Value {
  if (b === 0 && ["/", "//", "%"].includes(operator)) fault("division by zero");
  const give = (value: number, float = isFloat): Value => {
    if (float) return new Float(value);
    return Number.isSafeInteger(value) ? value + 0 : fault("a number is too large");
  };
  switch (operator) {
    case "+":
      return give(a + b);
    case "-":
      return give(a - b);
    case "*":
      return give(a * b);
    case "/":
      return give(a / b, true);
    case "//":
      return isFloat ? fault("floats are divided with //") : give(Math.floor(a / b));
    case "%":
      return isFloat ? fault("floats are divided with %") : give(a - b * Math.floor(a / b));
    case "**":
      return isFloat || b < 0 ? fault("a power is no whole number") : give(a ** b);
    default:
      return fault(`the operator ${operator} is not supported`);
  }
}

/** The range of a slice. @param step other than 0 */
export function slice(value: Value, from: Value, to: Value, by: Value): Value {
  if (typeof value !== "string" && !isList(value) && !(value instanceof Tuple)) fault(`a ${typeOf(value)} is sliced`);
  const items = itemsOf(value);
  const step = indexOf(by) ?? 1;
  if (step === 0) fault("slice step cannot be zero");
  const [low, high] = step > 0 ? [0, items.length] : [-1, items.length - 1];
  const bound = (given: Value, missing: number): number => {
    const index = indexOf(given);
    return index === null ? missing : Math.min(high, Math.max(low, index < 0 ? index + items.length : index));
  };
  const [start, stop] = [bound(from, step > 0 ? low : high), bound(to, step > 0 ? high : low)];
  const chosen: Value[] = [];
  for (let at = start; step > 0 ? at < stop : at > stop; at += step) chosen.push(items[at] as Value);
  if (typeof value === "string") return chosen.join("");
  return value instanceof Tuple ? new Tuple(chosen) : chosen;
}

function indexOf(value: Value): number | null {
  if (value === null) return null;
  return typeof value === "number" ? value : fault("a slice has a bound that is no whole number");
}

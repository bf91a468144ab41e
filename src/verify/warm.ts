import type { Job } from "./jobs";

const PLAIN = {
  twice: true,
  probe: "alike",
  varyBelow: 1_000_000,
  settle: true,
  untilFault: false,
  describe: true,
  isolate: false,
  seed: 0,
  milliseconds: 2000,
  ownTime: false,
} as const;

/** Jobs that run before the image is taken, so that it contains what guard and compiler build at first use. */
export const WARM_JOBS: readonly Job[] = [
  {
    ...PLAIN,
    program: "def f(x):\n x=x+8\n if x>3:x=x//2\n for i in range(2):x=x+i\n return 14-x",
    inputs: ["3", "-4"],
  },
  { ...PLAIN, program: "def f(x):\n return [a+1 for a in sorted(x)[::-1]]", inputs: ["[3,1,2]"] },
  {
    ...PLAIN,
    program:
      "import math\nfrom collections import Counter\ndef g(a, b=2):\n    'text'\n    return {k: v for k, v in a.items()}\n" +
      "def f(x):\n    try:\n        return g(Counter(str(x))), {1.5, math.sqrt(x)}, f'{x}', (lambda y: y)(x)\n" +
      "    except (ValueError, TypeError) as e:\n        return None",
    inputs: ["3", "-1", "'a'", "{1: [2, (3,)]}"],
  },
  { ...PLAIN, program: "def f(x) return x", inputs: ["1"] },
  { ...PLAIN, program: "def f(x): return 1//x", inputs: ["0", "nonsense("] },
];

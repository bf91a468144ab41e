/** The hard tasks that LADDER starts from: programs of eight statements on whole numbers, of which every statement matters. */

/** Input and statements. Drawn once, with a seed of their own, from the generator of the suites of long programs. */
const LISTED: readonly (readonly [input: string, statements: string])[] = [
  ["19", "x=x-3; x=x+6; x=x%8; x=19-x; x=x*2; x=x-2; x=x+x; return x//2"],
  ["17", "x=x%8; x=max(x,9); x=x+5; x=18-x; x=x*2; x=x+5; x=11-x; return 15-x"],
  ["17", "x=x-3; x=x+8; x=x+4; x=x-6; x=x+6; x=x+2; x=x+4; return x-2"],
  ["18", "x=x*3; x=x+1; x=x+4; x=x+6; x=x+1; x=x+5; x=x+8; return x+4"],
  ["11", "x=x+3; x=x+x; x=x+4; x=x-7; x=x-8; x=x+2; if x>15:x=x-2; return 16-x"],
  ["5", "x=x*2; x=x*3; x=x+x; x=x-2; for i in range(2):x=x+3; x=x//3; x=x%7; return x+1"],
  ["7", "x=x+x; x=19-x; x=x*3; x=x+3; x=x+6; x=x+4; x=x*2; return x-7"],
  ["5", "x=x-8; x=x-9; x=x+9; x=x-7; x=x+9; x=x*2; x=x+6; return x*3"],
  ["2", "if x<3:x=x+x; if x<15:x=x-7; if x<12:x=x+x; x=x*2; x=x*2; x=x+x; x=x+4; return x+9"],
  ["11", "x=x+4; x=x+6; x=x+6; x=x+x; x=x-2; x=x-6; x=x//3; return x%6"],
  ["4", "x=x//2; x=x-4; x=x*3; x=x+x; x=x+8; x=x//2; for i in range(3):x=x+2; return x+5"],
  ["17", "x=x//2; x=x%5; x=x-5; x=x-3; x=x*3; x=x+7; x=x-1; return x+1"],
  ["0", "x=x+7; for i in range(2):x=x+3; x=x*3; if x>9:x=x-7; x=x+6; x=x-4; if x>8:x=x+4; return x//3"],
  ["3", "x=max(x,11); x=x+x; x=min(x,12); x=x*3; x=x%7; x=x*3; if x<7:x=x-2; return x-6"],
  ["13", "x=x%3; x=x+x; x=x*3; for i in range(3):x=x+i; x=x*2; x=x+6; if x>13:x=x*3; return x-3"],
  ["2", "x=x+5; x=x//3; x=x-3; x=x+8; x=20-x; x=x-8; x=x+1; return x-9"],
  ["10", "x=x//3; x=x+1; x=x*2; x=x-4; x=x-5; x=x*2; x=x+6; return x+1"],
  ["18", "x=x*3; x=x-5; x=x//2; x=x-8; x=x//2; x=x-1; for i in range(3):x=x+i; return x+3"],
  ["13", "x=x+6; if x>15:x=x-1; x=x-2; x=x+6; x=x-6; x=x+9; x=x+4; return x+x"],
  ["13", "x=20-x; x=x*3; x=x%5; x=x+x; if x<3:x=x*3; x=x//2; x=x+3; return x*3"],
  ["3", "x=x-9; x=x+x; x=x*3; for i in range(3):x=x+3; x=x+9; x=x+6; x=16-x; return x+x"],
  ["16", "x=x%9; x=x*3; x=16-x; x=x%8; x=x*3; x=x+9; x=x+x; return x+5"],
  ["5", "x=x+5; x=x+6; for i in range(2):x=x+3; x=x//3; x=x-5; x=11-x; x=x+6; return 18-x"],
  ["6", "x=x+3; x=x//2; x=x%3; x=20-x; x=x+8; x=x%7; x=x+5; return x-6"],
  ["19", "x=x+1; x=x*2; x=x+4; for i in range(2):x=x+3; x=x+5; x=x+6; x=x+9; return x-2"],
  ["0", "x=max(x,5); for i in range(2):x=x+i; x=20-x; x=x-9; x=x+8; x=10-x; x=x*2; return x+1"],
  ["12", "if x>9:x=x*3; x=x+9; x=x-9; x=19-x; x=x-1; x=x+7; x=x*2; return x-4"],
  ["6", "x=x*3; x=x%9; x=x+3; x=x+x; x=x+2; if x<10:x=x*2; x=x+5; return x+6"],
  ["4", "x=max(x,12); if x>8:x=x+4; x=x-3; x=x-8; x=x+9; x=x+2; x=x+5; return 18-x"],
  ["7", "x=x*3; if x>12:x=17-x; x=x+6; x=x+x; x=x*2; x=19-x; x=14-x; return x+8"],
];

/** A program with an input, not yet run. */
export interface Root {
  readonly program: string;
  readonly input: string;
}

export const ROOTS: readonly Root[] = LISTED.map(([input, statements]) => ({
  program: `def f(x):\n ${statements.replaceAll("; ", "\n ")}`,
  input,
}));

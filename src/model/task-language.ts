/**
 * Texts that hold every format and every character of the language of programs, tried on a tokenizer when a model is loaded. A
 * test compares them with the formats themselves: the engine does not know those.
 */
export const TASK_LANGUAGE: readonly string[] = [
  "<ded>def f(x):\n x=x*3\n if x<12:x=x-5\n return x//2<in>10<out>",
  "<abd>def f(x):\n for i in range(2):x=x+i*x\n return [a%4 for a in x if a>7]<out>[1,-2,30]<in>",
  "<ind>4<out>7;[]<out>0;[99,-58]<out>[-16]<msg>sum(+//",
  "<pded>def f(x):\n return sorted(x)[::-1]<new>",
  "<pabd>def f(x):\n return max(x)-min(x)+len(x)<new>",
  "<pind>def f(x):\n return x[1:]<new>",
  "<think>x=30#30;\n return 15#15<ans>15",
];

/** The same of integrals, for a model that was made for them: one token for their prompt, and none for a function. */
export const INTEGRAL_LANGUAGE: readonly string[] = [
  "<int>x*(3*x-4)+5/(x*x)-10*x<out><ans>x*x*x-2*x*x-5/x-5*x*x",
  "<easy>6*x*x+78-9*x<new>6*x*x",
];

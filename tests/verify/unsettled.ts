/** Random programs whose value depends on the order of a set or on an address, and honest ones that only use sets. */

/** A small generator of numbers: the same programs at every run of the tests. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Below = ReturnType<typeof numbers>;
const pick = <T>(below: Below, from: readonly T[]): T => from[below(from.length)]!;

/** Words of different lengths and beginnings, so that every position and every length tells them apart. */
function words(below: Below): string[] {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  return Array.from({ length: 2 + below(4) }, (_, index) => {
    const [first] = letters.splice(below(letters.length), 1);
    return `${first}${"xyzw".slice(0, index)}`;
  });
}

const quoted = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(",");

/** An expression that is a set of exactly these words. */
function setOf(below: Below, texts: readonly string[]): string {
  const all = quoted(texts);
  const [first, rest] = [quoted(texts.slice(0, 1)), quoted(texts.slice(1))];
  return pick(below, [
    `{${all}}`,
    `set([${all}])`,
    `frozenset((${all}))`,
    `{w for w in [${all}]}`,
    `set(w for w in (${all}))`,
    `({${first}}|{${rest}})`,
    `({${all},'--'}-{'--'})`,
    `({${all},'--'}&{${all}})`,
    `({${first},'--'}^{'--',${rest}})`,
    `{${first}}.union([${rest}])`,
    `set.union({${first}},{${rest}})`,
    `{${all}}.copy()`,
    `({${first}:1}.keys()|{${rest}})`,
    `({${texts.map((text) => `'${text}':1`).join(",")}}.keys()-{'--'})`,
    `set({${texts.map((text) => `'${text}':1`).join(",")}})`,
    `set(map(str,[${all}]))`,
    `frozenset({${all}}).intersection([${all}])`,
  ]);
}

const IMPORTS =
  "from collections import Counter, deque\nfrom itertools import accumulate, chain, combinations, islice, permutations\n" +
  "from functools import reduce\nfrom heapq import nlargest, nsmallest\n";

/** Bodies whose value depends on the order of S. */
const CONSUMERS: readonly string[] = [
  "return list(S)",
  "return tuple(S)",
  "return ''.join(S)",
  "return '-'.join([c for c in S])",
  "return str(S)",
  "return repr(S)",
  "return ascii(S)",
  "return f'{S}'",
  "return f'{S!r:>40}'",
  "return '%s' % (S,)",
  "return [c for c in S]",
  "return [len(c)+x for c in S]",
  "return next(iter(S))",
  "s=set(S)\n return s.pop()",
  "return sorted(S, key=lambda c: 0)",
  "return max(S, key=lambda c: 0)",
  "return min(S, key=lambda c: x)",
  "return list(zip(S, range(9)))",
  "return list(enumerate(S))",
  "return dict(zip(S, range(9)))",
  "return {c: i for i, c in enumerate(S)}",
  "a,*b=S\n return a",
  "a,*b=S\n return b",
  "*a,b=S\n return [b,x]",
  "for c in S: break\n return c",
  "for c in S: y=c\n return y",
  "y=''\n for c in S: y+=c\n return y",
  "y=0\n for c in S: y=y*7+len(c)+x\n return y",
  "return reduce(lambda a,b: a+b, S)",
  "return list(map(len, S))",
  "return [*S]",
  "return [*S,x]",
  "return list(dict.fromkeys(S))",
  "return deque(S)",
  "return list(chain(S,[x]))",
  "return list(accumulate(S))",
  "return Counter(S).most_common(1)",
  "return nsmallest(1, S, key=lambda c: 0)",
  "return nlargest(1, S, key=lambda c: 0)",
  "return list(S)[0]",
  "return list(S)[-1]",
  "return ord(list(S)[0][0])+x",
  "return list(S).index(W)",
  "return list(S)[0]==W",
  "return list(S)==sorted(S)",
  "return list(S)[0]<list(S)[-1]",
  "return len(list(S)[0])%2",
  "return sum(i*len(c) for i,c in enumerate(S))",
  "y=[]\n y.extend(S)\n return y",
  "y=[x]\n y+=S\n return y",
  "y=[]\n y[0:0]=S\n return y",
  "return list(islice(S,1))",
  "return list(permutations(S,2))[0]",
  "return list(combinations(S,2))",
  "return list(reversed(list(S)))",
  "return [list(S)]",
  "return {'k': list(S)}",
  "return list({c: x for c in S})",
  "return list({c: x for c in S}.items())",
  "return (lambda *a: a)(*S)",
  "def g(c, *d): return c\n return g(*S)",
  "def g():\n  yield from S\n return list(g())",
  "return list(filter(len, S))",
  "d={}\n for c in S: d.setdefault(x, c)\n return d",
  "try:\n  for c in S: raise ValueError(c)\n except ValueError as e: return str(e)",
];

/** Sets of what is hashed by its address, and a use of their elements. */
const OBJECTS: readonly string[] = [
  "return [g()+x for g in {lambda:1,lambda:2}]",
  "a,b=lambda:1,lambda:2\n return [g() for g in {a,b}]",
  "def a(): return 1\n def b(): return 2\n return [g() for g in {a,b}]",
  "return [next(i) for i in {iter([1]),iter([2])}]",
  "return [next(i) for i in {(y for y in [1]),(y for y in [2])}]",
  "return [list(z) for z in {zip([1]),zip([2])}]",
  "return [m(1) for m in {[1].count,[2].count}]",
  "return [g([3,1]) for g in {len,max,min,sum}]",
  "return [t() for t in {int,str,list}]",
  "return [str(t)[8:-2] for t in {int,str,float,list}]",
  "return [str(e) for e in {ValueError('a'),ValueError('b')}]",
  "return [g() for g,i in {(lambda:1,0),(lambda:2,0)}]",
  "d={}\n for g in {lambda:1,lambda:2}: d[len(d)]=g()\n return d[0]+x",
  "return frozenset({lambda:1,lambda:2}).copy().union([lambda:3]) and [g() for g in frozenset({lambda:1,lambda:2})]",
  "return [g() for g in {lambda:1:0,lambda:2:0}.keys()-set()]",
  "return [v for v in {None,x}]",
  "return [v!=v for v in {float('nan'),1}]",
  "return [str(v) for v in {float('nan'),float('inf')-float('inf'),2.5}]",
  "return [min(g,key=len) for g in {frozenset(['a','bb']),frozenset(['c','dd'])}]",
  "return [i for i,g in {(1,'a'),(2,'b'),(3,None)}]",
  "return [len(r[0]) for r in {(range(x),'a'),(range(3),'b')}]",
  "s=type({x})('ab')\n return list(s)",
  "return list(type(frozenset())(['u','vw','z']))",
  "s={x}\n s|={'p','qq'}\n return [str(c) for c in s]",
  "s={'a','bb','c'}\n s&={'bb','c'}\n return list(s)",
  "s=[{'a'},x]\n s[0]|={'bb'}\n return list(s[0])",
  "s={'a','bb','ccc'}\n s.discard('a')\n return [len(c) for c in s]",
  "d={'a':1,'bb':2,'ccc':3}\n return [k for k,v in d.items()-{('a',1)}]",
  "return [k for k,v in {'a':1,'bb':2}.items()|{('c',3)}]",
  "return list(reduce(set.union,[{'a'},{'bb'},{'c'}]))",
  "return list(set().union(*['ab','cd']))",
  "return ''.join(set('abcdefgh'))[0]",
  "return list(set('abcdefgh'))[3]=='d'",
  "return [list(s)[0] for s in [set('kl'),set('mn')]]",
  "return list(map(max,[set(['a','B'])|{'c'},{'x'}]))[0] and list({'a','B'})[x-x]",
  "return sorted(set('hello'),key=lambda c: c in 'l')",
  "return max(set('banana'),key='banana'.count) if x<0 else max(set('abab'),key='abab'.count)",
  "return Counter(set('xyz')).most_common(2)",
  "return sorted({'b':1,'a':1}.keys()&set('ab'),key=len)",
];

/** Text of what has none but its address. */
const ADDRESSES: readonly string[] = [
  "return str(lambda: 0)[-5:]",
  "return len(str(iter([])))",
  "return ord(repr(f)[-3])%2",
  "return f'{f}'[-2]",
  "return ('%s' % f)[-4:]",
  "return ('%r' % (iter([]),))[-4:-1]",
  "return sorted([lambda:1,lambda:2], key=str)[0]()",
  "return [g() for g in sorted([lambda:1,lambda:2], key=repr)]",
  "return str([f])[-6:]",
  "return str({x: f})[-6:]",
  "return list(map(str,[f]))[0][-3]",
  "return ascii((f,))[-5:]",
  "return str(x.bit_length)[-4:]",
  "return str((y for y in [x]))[-4:]",
  "return str(ValueError(f))[-3]",
  "y='%s'\n y%=f\n return y[-4:]",
  "return max(str(zip([x])),'')[-3]",
  "try: {}[f]\n except KeyError as e: return str(e)[-3]",
  "return repr(slice(f))[-16:-14]",
  "return f'{slice(0, f)}'[-12:]",
  "return ('%s' % slice(iter([]),x))[-16:]",
  "return ('%s' % [].append)[-5:]",
  "return ('%s' % range)[-5:]",
  "return ('%r' % [range])[-5:]",
  "return ('%s' % 'a'.join)[-4:]",
  "return type('')(f)[-5:]",
  "return type(repr(x))([f])[-5:]",
  "y=f\n for i in range(45): y=[y]\n return repr(y)[-49:-45]",
  "try: deque([1]).index(f)\n except ValueError as e: return repr(KeyError(f))[-4:]",
  "return ascii({x: (iter([]),)})[-5:]",
  "d={}\n d[f]=x\n return str(d)[-8:]",
  "return str(ValueError([f]))[-4:]",
  "return repr(map)[-3:]+repr(map(len,[]))[-4:]",
];

/** A program whose value depends on an order, an address or a hash seed. */
function unsettledProgram(below: Below): string {
  const kind = below(10);
  const filler = pick(below, ["", " z=[0]*23\n", " z=[x]*5\n", " z=list(range(7))\n", " z={}\n"]);
  if (kind < 2) return `${IMPORTS}def f(x):\n${filler} ${pick(below, OBJECTS)}`;
  if (kind < 3) return `${IMPORTS}def f(x):\n${filler} ${pick(below, ADDRESSES)}`;
  const texts = words(below);
  const body = pick(below, CONSUMERS)
    .replaceAll("S", "s")
    .replaceAll("W", `'${pick(below, texts)}'`);
  return `${IMPORTS}def f(x):\n${filler} s=${setOf(below, texts)}\n ${body}`;
}

/** Bodies that use a set and do not depend on its order. */
const ORDERLESS: readonly string[] = [
  "return sorted(S)",
  "return sorted(S, key=lambda c: (len(c), c))",
  "return max(S)",
  "return min(S, key=len)",
  "return len(S)+x",
  "return W in S",
  "return S",
  "return {c: len(c) for c in S}",
  "return sum(len(c) for c in S)",
  "return sum([1 for c in S if len(c) > 1])",
  "return sorted(map(len, S))",
  "return any(c == W for c in S)",
  "return all(c for c in S)",
  "return S=={W}",
  "return S|{'q'}",
  "return Counter(S)[W]",
  "return str(sorted(S))",
  "return [c for c in [W,'no'] if c in S]",
  "y=0\n for c in S: y+=len(c)\n return y",
  "return dict.fromkeys(S, x)",
  "return S.issubset({W})",
  "d={}\n for c in S: d[c]=len(c)\n return d",
  "return {frozenset(S): x}[frozenset(S)]",
  "return type(S) is set",
  "return isinstance(S, (set, frozenset))",
  "return ''.join(sorted(S))",
  "return f'{len(S)} of {x}'",
  "return list({3,1,2})",
  "return [a for a in {x, x+1, 40}]",
  "return {type(x): x}[int]",
  "return [str(x), repr([x]), '%d of %s' % (x, [x])]",
  "return sorted({None: 1, 'a': 2}.values())",
  "m={}\n def g(n):\n  if n not in m: m[n]=n if n<2 else g(n-1)+g(n-2)\n  return m[n]\n return g(x)",
  "try: return 6//(x-x)\n except Exception as e: return str(e)",
];

function orderlessProgram(below: Below): string {
  const texts = words(below);
  const body = pick(below, ORDERLESS)
    .replaceAll("S", "s")
    .replaceAll("W", `'${pick(below, texts)}'`);
  return `${IMPORTS}def f(x):\n s=${setOf(below, texts)}\n ${body}`;
}

const draw = (make: (below: Below) => string, count: number, seed: number): string[] => {
  const below = numbers(seed);
  return Array.from({ length: count }, () => make(below));
};

export const unsettledPrograms = (count: number, seed: number): string[] => draw(unsettledProgram, count, seed);
export const orderlessPrograms = (count: number, seed: number): string[] => draw(orderlessProgram, count, seed);

# guard: the trusted half of the jail. Frozen into the heap image, so every job starts from this exact state.
#
#   gate      source text -> syntax tree, or Reject: an allowlist of nodes, names, attributes and modules
#   literal   syntax tree -> value; nothing is evaluated
#   encode    value -> canonical Python literal text; exact built-in types only, user code is never called
#   answer    one job (JSON text) -> one report (JSON text); see jobs.ts for both shapes
#
# The gate keeps tasks deterministic and readable. It is not the security boundary: that is the import table of the
# WebAssembly module (interpreter.ts). What is checked is what runs: the gated tree itself is compiled.

import ast
import bisect
import builtins
import collections
import functools
import heapq
import itertools
import json
import math
import string
import sys
import warnings
from types import SimpleNamespace

# A warning, an ignored exception or a print would write to a stream, and streams are closed during a job.
warnings.simplefilter("ignore")
sys.unraisablehook = lambda info: None
sys.stdout = sys.stderr = None
sys.setrecursionlimit(300)

SOURCE_CHARS, SOURCE_NODES, SOURCE_DEPTH = 8000, 4000, 60
CONSTANT_BITS = 256
ANSWER_CHARS, LITERAL_DEPTH = 4000, 20
OUTPUT_NODES, OUTPUT_DEPTH, OUTPUT_BITS, OUTPUT_CHARS = 4000, 40, 1024, 4000
ITEMS = 1_000_000
# Parsing a wrong program looks for its source file: interpreter.ts answers "no such file" for this name alone.
FILE = "<program>"


class Reject(Exception):
    """The text is not in the language; the message says why."""


def words(text):
    return frozenset(text.split())


def node_types(text):
    return frozenset(getattr(ast, name) for name in text.split())


NODES = node_types("""
    Module FunctionDef arguments arg Return Assign AugAssign AnnAssign For While If Expr Pass Break Continue BoolOp NamedExpr
    BinOp UnaryOp Lambda IfExp Dict Set ListComp SetComp DictComp GeneratorExp Yield YieldFrom Compare Call FormattedValue
    JoinedStr Constant Attribute Subscript Starred Name List Tuple Slice comprehension keyword Delete Nonlocal Raise Try
    ExceptHandler Assert Import ImportFrom alias Load Store Del And Or Add Sub Mult Div Mod Pow LShift RShift BitOr BitXor
    BitAnd FloorDiv MatMult Invert Not UAdd USub Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn""")
EXCEPTIONS = words("""
    ArithmeticError AssertionError Exception IndexError KeyError LookupError NotImplementedError OverflowError RuntimeError
    StopIteration TypeError ValueError ZeroDivisionError UnicodeError""")
METHODS = words("""
    append extend insert remove pop clear index count sort reverse copy get keys values items setdefault update popitem
    fromkeys add discard union intersection difference symmetric_difference issubset issuperset isdisjoint
    intersection_update difference_update symmetric_difference_update capitalize casefold center endswith expandtabs find
    isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust
    lower lstrip maketrans partition replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip
    swapcase title translate upper zfill removeprefix removesuffix bit_length bit_count is_integer as_integer_ratio
    conjugate real imag numerator denominator appendleft popleft extendleft rotate maxlen most_common elements subtract
    total move_to_end""")
MODULES = {
    math: """acos asin atan atan2 ceil comb copysign cos degrees dist e erf exp expm1 fabs factorial floor fmod frexp fsum
        gcd hypot inf isclose isfinite isinf isnan isqrt lcm ldexp log log10 log1p log2 modf perm pi pow prod radians sin
        sinh sqrt tan tanh tau trunc""",
    itertools: """accumulate chain combinations combinations_with_replacement compress dropwhile filterfalse groupby islice
        pairwise permutations product starmap takewhile zip_longest""",
    functools: "reduce cmp_to_key",
    collections: "Counter OrderedDict defaultdict deque",
    heapq: "heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest",
    bisect: "bisect bisect_left bisect_right insort insort_left insort_right",
    string: "ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits punctuation whitespace",
}
EXPORTS = {module.__name__: words(names) for module, names in MODULES.items()}
ATTRIBUTES = METHODS.union(*EXPORTS.values())
BUILTINS = words("""
    abs all any ascii bin bool callable chr dict divmod enumerate filter float frozenset hex int isinstance len list map max
    min next oct ord pow repr reversed round set slice sorted str sum tuple zip""")
REFUSED_NAMES = words("""
    eval exec compile open input globals locals vars dir getattr setattr delattr hasattr id hash object super property
    staticmethod classmethod memoryview breakpoint help exit quit BaseException KeyboardInterrupt SystemExit GeneratorExit
    MemoryError RecursionError""")
PLAIN_CONSTANTS = frozenset({int, float, str, bool, type(None)})

# Pure programs may share one heap image: they define f, read and rebind their own locals, and call only functions that
# keep nothing. No attribute, import, nested function, default value, recursion, `is`, hashing (dict, set) or endless
# loop: nothing they do can be observed by the program that follows.
PURE_NODES = node_types("""
    Module FunctionDef arguments arg Return Assign AugAssign For If Pass Break Continue BoolOp BinOp UnaryOp IfExp ListComp
    Compare Call Constant Subscript Name List Tuple Slice comprehension Load Store And Or Add Sub Mult Div Mod Pow FloorDiv
    LShift RShift BitOr BitXor BitAnd Not UAdd USub Eq NotEq Lt LtE Gt GtE In NotIn""")
PURE_CALLS = words("sum len min max sorted abs range int bool list tuple enumerate zip reversed any all divmod round")


# ---- what a program may reach ----

def at_most(count):
    if count > ITEMS:
        raise OverflowError("too many items")


def capped_itertools():
    def product(*iterables, repeat=1):
        pools = [tuple(iterable) for iterable in iterables]
        if repeat > 40:
            raise OverflowError("too many items")
        at_most(math.prod([len(pool) for pool in pools]) ** repeat)
        return itertools.product(*pools, repeat=repeat)

    def permutations(iterable, r=None):
        pool = tuple(iterable)
        at_most(math.perm(len(pool), len(pool) if r is None else r))
        return itertools.permutations(pool, r)

    def combinations(iterable, r):
        pool = tuple(iterable)
        at_most(math.comb(len(pool), r))
        return itertools.combinations(pool, r)

    def combinations_with_replacement(iterable, r):
        pool = tuple(iterable)
        at_most(math.comb(len(pool) + r - 1, r) if pool else 0)
        return itertools.combinations_with_replacement(pool, r)

    return dict(product=product, permutations=permutations, combinations=combinations,
                combinations_with_replacement=combinations_with_replacement)


def module_views():
    views = {}
    for module, names in MODULES.items():
        view = {name: getattr(module, name) for name in names.split()}
        if module is itertools:
            view.update(capped_itertools())
        views[module.__name__] = SimpleNamespace(**view)
    return views


VIEWS = module_views()


def program_builtins():
    def range_(*bounds):
        numbers = range(*bounds)
        at_most(len(numbers))
        return numbers

    def type_(value):
        if isinstance(value, type):
            raise TypeError("type() of a type")   # type(int) would be the metaclass, which makes classes
        return type(value)

    def iter_(iterable):
        return iter(iterable)                     # iter(callable, sentinel) never ends

    def print_(*values, **options):
        return None

    def import_(name, globals=None, locals=None, fromlist=(), level=0):
        if level or name not in VIEWS:
            raise ImportError(name)
        return VIEWS[name]

    table = {name: getattr(builtins, name) for name in BUILTINS | EXCEPTIONS}
    table.update(range=range_, type=type_, iter=iter_, print=print_, __import__=import_)
    return table


PROGRAM_BUILTINS = program_builtins()


# ---- the gate ----

def hidden(name):
    return name[:1] == "_" and name != "_"


def check_binding(name, what):
    if hidden(name) or name == "f" or not name.isascii():
        raise Reject(what + " " + name)


def check_name(node):
    name = node.id
    if hidden(name) or name in REFUSED_NAMES or not name.isascii():
        raise Reject("name " + name)
    if name == "f" and type(node.ctx) is not ast.Load:
        raise Reject("rebinds f")


def check_attribute(node):
    if type(node.ctx) is not ast.Load or node.attr not in ATTRIBUTES:
        raise Reject("attribute " + node.attr)


def check_function(node):
    if node.decorator_list or node.type_params or hidden(node.name) or not node.name.isascii():
        raise Reject("def " + node.name)


def check_argument(node):
    check_binding(node.arg, "argument")


def check_keyword(node):
    if node.arg and hidden(node.arg):
        raise Reject("argument " + node.arg)


def check_constant(node):
    value = node.value
    if type(value) not in PLAIN_CONSTANTS or type(value) is int and value.bit_length() > CONSTANT_BITS:
        raise Reject("constant")


def check_import(node):
    for item in node.names:
        if item.name not in EXPORTS:
            raise Reject("import " + item.name)
        check_binding(item.asname or item.name, "import")


def check_import_from(node):
    if node.level or node.module not in EXPORTS:
        raise Reject("import")
    for item in node.names:
        if item.name not in EXPORTS[node.module]:
            raise Reject("import " + item.name)
        check_binding(item.asname or item.name, "import")


def check_try(node):
    if node.finalbody:
        raise Reject("finally")   # `continue` inside it swallows any exception


def check_handler(node):
    for caught in node.type.elts if type(node.type) is ast.Tuple else [node.type]:
        if type(caught) is not ast.Name or caught.id not in EXCEPTIONS:
            raise Reject("except")
    if node.name:
        check_binding(node.name, "except")


def check_nonlocal(node):
    for name in node.names:
        check_binding(name, "nonlocal")


CHECKS = {
    ast.Name: check_name, ast.Attribute: check_attribute, ast.FunctionDef: check_function, ast.arg: check_argument,
    ast.keyword: check_keyword, ast.Constant: check_constant, ast.Import: check_import, ast.ImportFrom: check_import_from,
    ast.Try: check_try, ast.ExceptHandler: check_handler, ast.Nonlocal: check_nonlocal,
}


def parse(text, mode):
    try:
        return ast.parse(text, FILE, mode)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Reject("syntax") from None


def gate(source):
    """The tree of an acceptable program, and whether it is pure."""
    if len(source) > SOURCE_CHARS or "\0" in source:
        raise Reject("size")
    tree = parse(source, "exec")
    pure = len(tree.body) == 1
    count = functions = 0
    stack = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        kind = type(node)
        if kind not in NODES:
            raise Reject("node " + kind.__name__)
        count += 1
        if count > SOURCE_NODES or depth > SOURCE_DEPTH:
            raise Reject("too big")
        check = CHECKS.get(kind)
        if check:
            check(node)
        if kind is ast.FunctionDef and node.name == "f":
            functions += 1
        if pure:
            pure = is_pure(node, kind)
        for child in ast.iter_child_nodes(node):
            stack.append((child, depth + 1))
    if functions != 1 or not any(type(part) is ast.FunctionDef and part.name == "f" for part in tree.body):
        raise Reject("exactly one top-level f")
    return tree, pure


def is_pure(node, kind):
    if kind not in PURE_NODES:
        return False
    if kind is ast.Name:
        return type(node.ctx) is ast.Store or node.id in PURE_CALLS or node.id not in PROGRAM_BUILTINS and node.id != "f"
    if kind is ast.Call:
        return type(node.func) is ast.Name and node.func.id in PURE_CALLS
    if kind is ast.Subscript:
        return type(node.ctx) is ast.Load
    if kind is ast.FunctionDef:
        arguments = node.args
        return not (node.returns or arguments.defaults or arguments.kwonlyargs or arguments.vararg or arguments.kwarg)
    return kind is not ast.arg or node.annotation is None


# ---- literals in, canonical text out ----

def literal(node, depth=0):
    if depth > LITERAL_DEPTH:
        raise Reject("literal depth")
    kind = type(node)
    if kind is ast.Constant and type(node.value) in PLAIN_CONSTANTS:
        if type(node.value) is float and node.value - node.value != 0:
            raise Reject("not finite")
        return node.value
    if kind is ast.UnaryOp and type(node.op) in (ast.USub, ast.UAdd) and type(node.operand) is ast.Constant \
            and type(node.operand.value) in (int, float):
        value = literal(node.operand, depth)
        return -value if type(node.op) is ast.USub else value
    if kind is ast.List:
        return [literal(item, depth + 1) for item in node.elts]
    if kind is ast.Tuple:
        return tuple([literal(item, depth + 1) for item in node.elts])
    if kind is ast.Set:
        return {literal(item, depth + 1) for item in node.elts}
    if kind is ast.Dict:
        if None in node.keys:
            raise Reject("literal **")
        return {literal(key, depth + 1): literal(value, depth + 1) for key, value in zip(node.keys, node.values)}
    if kind is ast.Call and type(node.func) is ast.Name and node.func.id == "set" and not node.args and not node.keywords:
        return set()
    raise Reject("not a literal: " + kind.__name__)


def parse_arguments(text):
    """Syntax trees of the arguments in `f(text)`. The text is parsed on its own lines, never spliced into a program."""
    if len(text) > ANSWER_CHARS:
        raise Reject("size")
    call = parse("f(\n" + text + "\n)", "eval").body
    if type(call) is not ast.Call or type(call.func) is not ast.Name or call.func.id != "f" or call.keywords:
        raise Reject("arguments")
    return call.args


def fresh_arguments(nodes):
    try:
        return [literal(node) for node in nodes]
    except TypeError:
        raise Reject("unhashable") from None


COLLECTIONS = frozenset({list, tuple, collections.deque, dict, collections.Counter, collections.OrderedDict,
                         collections.defaultdict})
ADDRESSES = (" at 0x", "<function ", "<built-in ", "<class ")


class Encoder:
    """Canonical text: equal text exactly when type and value are equal. deque counts as list, frozenset as set, the dict
    types of collections as dict; sets and dicts are sorted by their text. A frozenset as a key has no literal."""

    def __init__(self):
        self.budget = OUTPUT_NODES
        self.open = set()

    def encode(self, value, depth=0, as_key=False):
        self.budget -= 1
        if self.budget < 0 or depth > OUTPUT_DEPTH:
            raise Reject("output too big")
        kind = type(value)
        if kind is int:
            if value.bit_length() > OUTPUT_BITS:
                raise Reject("output int")
            return str(value)
        if kind is bool or value is None:
            return repr(value)
        if kind is float:
            if value - value != 0:
                raise Reject("not finite")
            return repr(value)
        if kind is str:
            return self.encode_text(value)
        if kind in COLLECTIONS:
            if id(value) in self.open:
                raise Reject("cyclic output")
            self.open.add(id(value))
            text = self.encode_collection(value, kind, depth + 1, as_key)
            self.open.discard(id(value))
            return text
        if kind is set or kind is frozenset and not as_key:
            items = sorted([self.encode(item, depth + 1, True) for item in value])
            return "{" + ", ".join(items) + "}" if items else "set()"
        raise Reject("output type " + kind.__name__)

    def encode_text(self, value):
        self.budget -= len(value) >> 3
        if len(value) > OUTPUT_CHARS or any(address in value for address in ADDRESSES):
            raise Reject("output str")
        return ascii(value)

    def encode_collection(self, value, kind, depth, as_key):
        if kind is list or kind is collections.deque:
            return "[" + ", ".join([self.encode(item, depth) for item in value]) + "]"
        if kind is tuple:
            items = [self.encode(item, depth, as_key) for item in value]
            return "(" + ", ".join(items) + (",)" if len(items) == 1 else ")")
        entries = [self.encode(key, depth, True) + ": " + self.encode(item, depth) for key, item in value.items()]
        return "{" + ", ".join(sorted(entries)) + "}"


def encode(value):
    return Encoder().encode(value)


# ---- inputs like the given one, to see whether a program uses its input at all ----

def variations(value):
    kind = type(value)
    if kind is bool:
        return [not value]
    if kind is int:
        return [0, 1, 2, -3, value + 1, 20, 97, 1003]
    if kind is float:
        return [0.0, 1.5, -value, value + 1.0, value * 2.0, 1003.25]
    if kind is str:
        return ["", " Ba 1,", value + "a", value[::-1], value[1:], value.upper(), value * 4]
    if kind is list or kind is tuple:
        return [value[::-1], value[1:], value + value[:1], value * 3, *[shifted(value, by) for by in (1, 41, -41)], kind()]
    if kind is set:
        return [set(), set(list(value)[1:]), value | {1}]
    if kind is dict:
        return [{}, {key: moved(item, 1) for key, item in value.items()}, dict(list(value.items())[1:])]
    return []


def shifted(items, distance):
    return type(items)([moved(item, distance) for item in items])


def moved(item, distance):
    if type(item) is int:
        return item + distance
    return next(iter(variations(item)), item)


def probe_arguments(nodes):
    """Canonical texts of at most eight argument lists that vary one argument each."""
    given = [encode(value) for value in fresh_arguments(nodes)]
    seen = {", ".join(given)}
    probes = []
    for position, value in enumerate(fresh_arguments(nodes)):
        for other in variations(value):
            text = ", ".join([*given[:position], encode(other), *given[position + 1:]])
            if text not in seen and len(probes) < 8:
                seen.add(text)
                probes.append(text)
    return probes


# ---- the same program whatever its spelling ----

class Renamer(ast.NodeTransformer):
    """Names the program binds become v0, v1, … in order of appearance."""

    def __init__(self, bound):
        self.bound = bound
        self.names = {"f": "f"}

    def rename(self, name):
        return self.names.setdefault(name, "v%d" % (len(self.names) - 1)) if name in self.bound else name

    def visit_Name(self, node):
        return ast.Name(self.rename(node.id), node.ctx)

    def visit_arg(self, node):
        return ast.arg(self.rename(node.arg))

    def visit_FunctionDef(self, node):
        node.name, node.returns = self.rename(node.name), None
        return self.generic_visit(node)

    def visit_Lambda(self, node):
        node.args = self.visit(node.args)   # before the body, as in a def
        node.body = self.visit(node.body)
        return node

    def visit_keyword(self, node):
        node.arg = node.arg and self.rename(node.arg)
        return self.generic_visit(node)

    def visit_ExceptHandler(self, node):
        node.name = node.name and self.rename(node.name)
        return self.generic_visit(node)

    def visit_alias(self, node):
        if (node.asname or node.name) in self.bound:
            node.asname = self.rename(node.asname or node.name)
        return node

    def visit_Nonlocal(self, node):
        node.names = [self.rename(name) for name in node.names]
        return node


def bound_names(tree):
    bound = set()
    for node in ast.walk(tree):
        kind = type(node)
        if kind is ast.Name and type(node.ctx) is not ast.Load:
            bound.add(node.id)
        elif kind is ast.arg:
            bound.add(node.arg)
        elif kind is ast.FunctionDef:
            bound.add(node.name)
        elif kind is ast.alias:
            bound.add(node.asname or node.name)
        elif kind is ast.ExceptHandler and node.name:
            bound.add(node.name)
    return bound


def drop_constants(tree):
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if type(body) is list:
            kept = [part for part in body if not (type(part) is ast.Expr and type(part.value) is ast.Constant)]
            node.body = kept or [ast.Pass()]


def normalized(tree):
    """Consumes the tree."""
    drop_constants(tree)
    return ast.unparse(ast.fix_missing_locations(Renamer(bound_names(tree)).visit(tree)))


# ---- jobs ----

def call_once(code, arguments, namespace=None):
    """[outcome, namespace] of one call; a namespace is made when none is given."""
    try:
        if namespace is None:
            namespace = {"__builtins__": dict(PROGRAM_BUILTINS), "__name__": "program"}
            exec(code, namespace)
        value = namespace["f"](*arguments)
    except BaseException as error:
        return ["raised", type(error).__name__], namespace
    try:
        return ["ok", encode(value)], namespace
    except Reject as reject:
        return ["refused", str(reject)], namespace


def run_input(code, text, twice):
    try:
        nodes = parse_arguments(text)
        first, namespace = call_once(code, fresh_arguments(nodes))
        if twice and first[0] == "ok":
            again, _ = call_once(code, fresh_arguments(nodes), namespace)
            if again != first:
                return ["unstable", again[1]]
        return first
    except Reject as reject:
        return ["argument", str(reject)]


def run_probes(code, text):
    try:
        probes = probe_arguments(parse_arguments(text))
    except Reject:
        return []
    return [[probe, run_input(code, probe, False)] for probe in probes]


class Prepared:
    """A job whose program passed the gate and was compiled, and waits to run."""

    def __init__(self, job):
        self.job = job
        self.tree, self.pure = gate(job["program"])
        if job["shared"] and not self.pure:
            self.code = None
            return
        try:
            self.code = compile(self.tree, FILE, "exec")
        except (SyntaxError, ValueError, RecursionError):
            raise Reject("compile") from None

    def run(self):
        job, code = self.job, self.code
        results = [run_input(code, text, job["twice"]) for text in job["inputs"]]
        probes = run_probes(code, job["inputs"][0]) if job["probe"] else []
        return {"status": "ran", "pure": self.pure, "results": results, "probes": probes, **self.description()}

    def description(self):
        if not self.job["describe"]:
            return {"inputs": [], "source": "", "normalized": ""}
        inputs = [canonical_arguments(text) for text in self.job["inputs"]]
        return {"inputs": inputs, "source": ast.unparse(self.tree), "normalized": normalized(self.tree)}


def canonical_arguments(text):
    try:
        return ", ".join([encode(value) for value in fresh_arguments(parse_arguments(text))])
    except Reject:
        return ""


prepared = None


def answer(text):
    """A job's text prepares it; the empty text that follows runs it. In two calls, so that a program which makes the
    parser overflow the stack is told from one that does so itself."""
    global prepared
    if not text:
        ready, prepared = prepared, None
        return json.dumps(ready.run())
    try:
        prepared = Prepared(json.loads(text))
    except Reject as reject:
        return json.dumps({"status": "refused", "reason": str(reject)})
    return '{"status": "ready"}' if prepared.code else '{"status": "impure"}'

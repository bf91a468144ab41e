# The guard: trusted Python that reads, runs and reports on untrusted Python. It is part of the heap image, so every job
# starts from this exact state.
#
#   gate.py         source text -> syntax tree, or Reject: an allowlist of nodes, names, attributes and modules
#   settled.py      whether a value depends on an address, a hash seed or the heap
#   state.py        what a call leaves behind
#   literals.py     syntax tree -> value, without evaluation; value -> canonical text, without calls of the program
#   variations.py   inputs similar to the given one
#   normal_form.py  one text for all spellings of a program
#   jobs.py         one job (JSON text) -> one report (JSON text); see jobs.ts for both shapes
#
# guard-source.ts joins these files into one module, in this order.
#
# The gate keeps tasks deterministic and readable. It is not the security boundary: that is the import table of the
# WebAssembly module (interpreter.ts). The checked tree itself is compiled.

import array
import ast
import bisect
import builtins
import collections
import functools
import heapq
import itertools
import json
import math
import operator
import string
import sys
import warnings
from types import CellType, SimpleNamespace

# Warnings, ignored exceptions and prints write to streams. Streams are closed during a job.
warnings.simplefilter("ignore")
sys.unraisablehook = lambda info: None
sys.stdout = sys.stderr = None
RECURSION, TRACKED_RECURSION = 300, 340
sys.setrecursionlimit(RECURSION)

SOURCE_CHARS, SOURCE_NODES, SOURCE_DEPTH = 8000, 4000, 60
CONSTANT_BITS = 256
ANSWER_CHARS, LITERAL_DEPTH = 4000, 20
OUTPUT_NODES, OUTPUT_DEPTH, OUTPUT_BITS, OUTPUT_CHARS = 4000, 40, 1024, 4000
ITEMS = 1_000_000
# To report a syntax error, Python opens the source file. interpreter.ts answers "no such file" for this name only.
FILE = "<program>"


class Reject(Exception):
    """The text is not in the language. The message is the reason."""


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

# Pure programs may share one heap image. They define f, read and rebind their own locals, and call only functions that
# store nothing. They have no attribute, import, nested function, default value, recursion, `is`, hashing (dict, set) or
# `while`. So the next program cannot observe anything that they did.
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
    table["<stop>"] = (MemoryError, RecursionError)
    return table


PROGRAM_BUILTINS = program_builtins()


# ---- the gate ----

def children(node):
    """Child nodes, in order. Twice as fast as ast.iter_child_nodes, and most of a proposal's time is spent in trees."""
    found = []
    for name in node._fields:
        child = getattr(node, name, None)
        if isinstance(child, ast.AST):
            found.append(child)
        elif type(child) is list:
            found += [item for item in child if isinstance(item, ast.AST)]
    return found


def walk(root):
    """A node and everything below it, breadth first."""
    found = [root]
    for node in found:
        if node._fields:
            found += children(node)
    return found


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
        if node._fields:
            stack += [(child, depth + 1) for child in children(node)]
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

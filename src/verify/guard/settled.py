
# ---- what depends on an address, a hash seed or the heap ----
#
# A set of texts, functions or other objects has an order that no program chose, and the text of a function holds its
# address. Such a program is run again in `tracked` form: its sets are of classes whose order of iteration depends on the
# turn, and whatever makes text out of an object looks at the object first. Turn 0 keeps Python's own order and notices
# whether the order of such a set was asked for at all; only then do more turns follow. A program whose outcome is the same
# in all of them does not depend on the order (`sorted(set(text))`); any other is refused. Outcomes of tracked runs are
# compared with each other only.

TURNS, LEAST_TURNS, TURN_POLLS = 64, 16, 4000
turn = 0
order_seen = False


class Unsettled(BaseException):
    """The program makes text of an object that has no value. No `except` of a program catches it."""


def is_settled(value):
    """Whether the hash of a value is the same in every process. That of None is since Python 3.12; it was an address before."""
    kind = type(value)
    if kind in (int, bool, range):
        return True
    if kind is float or kind is complex:
        return value == value
    if kind is tuple or isinstance(value, frozenset):
        return all(map(is_settled, value))
    return kind is str and not value


def in_turn(items):
    """The elements of a set in the order of this turn."""
    global order_seen
    if len(items) < 2 or all(map(is_settled, items)):
        return items
    order_seen = True
    if turn == 0:
        return items
    if turn < 3:
        return sorted(items, key=repr, reverse=turn == 2)
    return sorted(items, key=lambda item: hash((turn, len(items), item)))


class TrackedSet(set):
    def __iter__(self):
        return iter(in_turn(list(set.__iter__(self))))

    def __repr__(self):
        return "{" + ", ".join(map(repr, self)) + "}" if self else "set()"

    def pop(self):
        for item in self:
            self.discard(item)
            return item
        raise KeyError("pop from an empty set")


class TrackedFrozenset(frozenset):
    def __iter__(self):
        return iter(in_turn(list(frozenset.__iter__(self))))

    def __repr__(self):
        return "frozenset({" + ", ".join(map(repr, self)) + "})" if self else "frozenset()"


def tracked(value):
    kind = type(value)
    return TrackedSet(value) if kind is set else TrackedFrozenset(value) if kind is frozenset else value


def track_methods(kind, base):
    def tracking(method):
        return lambda *values: tracked(method(*values))

    for name in "union intersection difference symmetric_difference copy".split():
        setattr(kind, name, tracking(getattr(base, name)))


track_methods(TrackedSet, set)
track_methods(TrackedFrozenset, frozenset)
SETS = frozenset({set, frozenset, TrackedSet, TrackedFrozenset})
DICTS = frozenset({dict, collections.Counter, collections.OrderedDict, collections.defaultdict})
VIEWS_OF_DICTS = tuple(type(view) for view in ({}.keys(), {}.values(), {}.items()))
PLAIN = frozenset({int, float, str, bool, type(None), complex, range, slice, bytes})


def has_text(value, depth=0):
    """Whether the text of a value is made of values alone."""
    kind = type(value)
    if kind in PLAIN or depth > OUTPUT_DEPTH or isinstance(value, type):
        return True
    if kind in DICTS:
        made = kind is not collections.defaultdict or value.default_factory is None or has_text(value.default_factory)
        return made and all(has_text(part, depth + 1) for entry in value.items() for part in entry)
    if kind is list or kind is tuple or kind is collections.deque or kind in SETS or isinstance(value, VIEWS_OF_DICTS):
        return all([has_text(part, depth + 1) for part in list(value)])
    return isinstance(value, BaseException) and has_text(value.args, depth + 1)


def seen(value):
    if not has_text(value):
        raise Unsettled
    return value


class TextType(type):
    """`str` in a tracked program: looks at what it makes text of, and is str in every other way."""

    def __call__(cls, *values, **options):
        text = str(*map(seen, values[:1]), *values[1:], **options)
        if " at 0x" in text and type(values[0]) is not str:
            raise Unsettled
        return text

    def __instancecheck__(cls, value):
        return isinstance(value, str)

    def __repr__(cls):
        return "<class 'str'>"


Text = TextType("str", (str,), {})


def tracked_builtins():
    def type_(value):
        kind = PROGRAM_BUILTINS["type"](value)
        return Text if kind is str else kind

    def augment(container, place, operator, value):
        current = container[place]
        container[place] = tracked(AUGMENTS[operator](current, value))

    return {**PROGRAM_BUILTINS, "set": TrackedSet, "frozenset": TrackedFrozenset, "str": Text, "type": type_,
            "repr": lambda value: repr(seen(value)), "ascii": lambda value: ascii(seen(value)),
            "<tracked>": tracked, "<seen>": seen, "<set>": TrackedSet, "<augment>": augment}


SET_OPERATORS = (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)
AUGMENTS = {"BitOr": operator.ior, "BitAnd": operator.iand, "Sub": operator.isub, "BitXor": operator.ixor}
TRACKED_BUILTINS = tracked_builtins()


def helper(name, *arguments):
    """A call of a helper whose name no program can write."""
    return ast.Call(ast.Name("<" + name + ">", ast.Load()), list(arguments), [])


class Tracker(ast.NodeTransformer):
    """Rewrites what makes a set or, from any object, a text."""

    def visit_Set(self, node):
        return helper("set", ast.Tuple(self.generic_visit(node).elts, ast.Load()))

    def visit_SetComp(self, node):
        node = self.generic_visit(node)
        return helper("set", ast.ListComp(node.elt, node.generators))

    def visit_BinOp(self, node):
        node = self.generic_visit(node)
        if type(node.op) is ast.Mod:
            node.right = helper("seen", node.right)
        return helper("tracked", node) if type(node.op) in SET_OPERATORS else node

    def visit_AugAssign(self, node):
        node = self.generic_visit(node)
        if type(node.op) is ast.Mod:
            node.value = helper("seen", node.value)
        if type(node.op) not in SET_OPERATORS:
            return node
        if type(node.target) is ast.Name:
            name = node.target.id
            return [node, ast.Assign([ast.Name(name, ast.Store())], helper("tracked", ast.Name(name, ast.Load())))]
        place = node.target.slice
        if type(place) is ast.Slice:
            return node
        return ast.Expr(helper("augment", node.target.value, place, ast.Constant(type(node.op).__name__), node.value))

    def visit_FormattedValue(self, node):
        node = self.generic_visit(node)
        node.value = helper("seen", node.value)
        return node


class Fence(ast.NodeTransformer):
    """How deep a stack or how full the memory is, is no value either: no program catches either error."""

    def visit_Try(self, node):
        node = self.generic_visit(node)
        node.handlers.insert(0, ast.ExceptHandler(ast.Name("<stop>", ast.Load()), None, [ast.Raise()]))
        return node


def compiled(tree):
    try:
        return compile(ast.fix_missing_locations(tree), FILE, "exec")
    except (SyntaxError, ValueError, RecursionError):
        raise Reject("compile") from None


def compile_program(tree, source):
    """The gated tree itself, or the same text with its handlers fenced."""
    return compiled(Fence().visit(parse(source, "exec")) if "except" in source else tree)


def compile_tracked(source):
    return compiled(Fence().visit(Tracker().visit(parse(source, "exec"))))


def may_move(tree, inputs):
    """Whether a program can have a set, or make text of an object. `%` makes text only of what stands in a program that is
    not pure, or that names an iterator."""
    remainder = objects = False
    for node in ast.walk(tree):
        kind = type(node)
        if kind in (ast.Set, ast.SetComp, ast.JoinedStr):
            return True
        if kind is ast.Name and node.id in ("set", "frozenset", "str", "repr", "ascii"):
            return True
        if kind is ast.Attribute and node.attr in ("keys", "items"):
            return True
        remainder = remainder or kind is ast.Mod
        objects = objects or kind is ast.Name and node.id not in PURE_VALUES and node.id in PROGRAM_BUILTINS \
            or kind in (ast.Lambda, ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.ImportFrom, ast.Import) \
            or kind is ast.FunctionDef and node.name != "f" or kind is ast.Name and node.id == "f"
    return remainder and objects or any("{" in text for text in inputs) or any("set" in text for text in inputs)


# Builtins whose result, where they are called, is a value.
PURE_VALUES = words("sum len min max sorted abs range int bool list tuple any all divmod round")
held = None


def scramble(number):
    """Leaves the allocator's free lists in another order and with other gaps than any program before saw them."""
    global held
    rows = []
    for size in range(0, 496, 8):
        row = [bytes(size) for _ in range(17)]
        step = 1 + (number * 7 + size) % 16
        for place in range(11):
            row[place * step % 17] = None
        rows.append(row)
    objects = [[[], {}, (number,), lambda: number, 0.5 + number, iter(())] for _ in range(13)]
    for place in range(9):
        objects[place * (1 + number % 12) % 13] = None
    held = rows, objects

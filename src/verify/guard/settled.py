
# ---- what depends on an address, a hash seed or the heap ----
#
# The order of a set of texts, functions or other objects depends on the hash seed or on addresses, and the text of a
# function contains its address. So such a program runs again in `tracked` form. Its sets belong to classes whose iteration
# order depends on the turn, and whatever makes text from an object checks the object first. Turn 0 uses Python's own order
# and records whether the program iterates over such a set. If it does, more turns follow. If all turns give one outcome
# (`sorted(set(text))`), the program does not depend on the order; otherwise it is refused. Outcomes of tracked runs are
# compared only with each other.

TURNS, LEAST_TURNS, TURN_POLLS = 64, 16, 4000
turn = 0
order_seen = False


class Unsettled(BaseException):
    """The program makes text of an object whose text contains an address. No `except` of a program catches this."""


def is_settled(value):
    """Whether the hash of a value is the same in every process. None is treated as if it were not: before Python 3.12 its
    hash was its address."""
    kind = type(value)
    if kind in (int, bool, range):
        return True
    if kind is float or kind is complex:
        return value == value
    if kind is tuple or isinstance(value, frozenset):
        return all(map(is_settled, value))
    return kind is str and not value


def in_turn(items):
    """The elements of a set, in the iteration order of this turn."""
    global order_seen
    if len(items) < 2 or all(map(is_settled, items)):
        return items
    order_seen = True
    if turn == 0:
        return items
    if turn < 3:
        return sorted(items, key=repr, reverse=turn == 2)
    if turn % 2:
        items, start = sorted(items, key=repr), turn // 2 % len(items)
        return items[start:] + items[:start]   # over the turns, each element comes first once
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
    """Whether the text of a value contains no address."""
    kind = type(value)
    if depth > OUTPUT_DEPTH:
        return False
    if kind is slice:
        return has_text([value.start, value.stop, value.step], depth)
    if kind in PLAIN or isinstance(value, type):
        return True
    if kind in DICTS:
        made = kind is not collections.defaultdict or value.default_factory is None or has_text(value.default_factory)
        return made and all(has_text(part, depth + 1) for entry in value.items() for part in entry)
    if kind is list or kind is tuple or kind is collections.deque or kind in SETS or isinstance(value, VIEWS_OF_DICTS):
        return all([has_text(part, depth + 1) for part in list(value)])
    return isinstance(value, BaseException) and has_text(value.args, depth + 1) \
        and not any(type(part) is str and " at 0x" in part for part in value.args)


def seen(value):
    if not has_text(value):
        raise Unsettled
    return value


class TextType(type):
    """`str` in a tracked program: checks the object whose text it makes. In all else it is str."""

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
    """A call of a helper. Its name is no identifier, so no program can use it."""
    return ast.Call(ast.Name("<" + name + ">", ast.Load()), list(arguments), [])


class Tracker(ast.NodeTransformer):
    """Rewrites every expression that makes a set, or makes text from an object."""

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
    """Lets no handler catch RecursionError or MemoryError: the free stack and memory are not part of the input."""

    def visit_Try(self, node):
        node = self.generic_visit(node)
        node.handlers.insert(0, ast.ExceptHandler(ast.Name("<stop>", ast.Load()), None, [ast.Raise()]))
        return node


def compiled(tree):
    try:
        return compile(tree, FILE, "exec")
    except (SyntaxError, ValueError, RecursionError):
        raise Reject("compile") from None


def compile_program(tree, source):
    """Compiles the checked tree; if the program has handlers, the same text with fenced handlers."""
    if "except" not in source:
        return compiled(tree)
    return compiled(ast.fix_missing_locations(Fence().visit(parse(source, "exec"))))


def compile_tracked(source):
    return compiled(ast.fix_missing_locations(Fence().visit(Tracker().visit(parse(source, "exec")))))


def may_move(tree, pure, source, inputs):
    """Whether a program can have a set, or make text from an object. `%` can make text, but most programs use it for
    remainders. So `%` counts only in a program that can have objects other than values."""
    if any("{" in text or "set" in text for text in inputs):
        return True
    if pure and not ("%" in source and any('"' in text or "'" in text for text in [source, *inputs])):
        return False
    remainder = objects = False
    nodes = walk(tree)
    called = {id(node.func) for node in nodes if type(node) is ast.Call}
    for node in nodes:
        kind = type(node)
        if kind in (ast.Set, ast.SetComp, ast.JoinedStr):
            return True
        if kind is ast.Name and node.id in ("set", "frozenset", "str", "repr", "ascii", "type"):
            return True
        if kind is ast.Attribute and node.attr in ("keys", "items"):
            return True
        remainder = remainder or kind is ast.Mod
        objects = objects or kind in OBJECT_NODES or kind is ast.FunctionDef and node.name != "f" \
            or kind is ast.Name and (node.id == "f" or node.id in PROGRAM_BUILTINS
                                     and (node.id not in PURE_VALUES or id(node) not in called))
    return remainder and objects


# Builtins whose calls return values, never objects with an address.
PURE_VALUES = words("sum len min max sorted abs range int bool list tuple any all divmod round")
OBJECT_NODES = (ast.Lambda, ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.ImportFrom, ast.Import, ast.Attribute)
ballast = None


def scramble(number):
    """Reorders and punctures the allocator's free lists, so that new objects get other addresses."""
    global ballast
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
    ballast = rows, objects

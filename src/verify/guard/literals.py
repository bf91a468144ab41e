# ---- literals are read, canonical text is written ----

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
        return literal_set([literal(item, depth + 1) for item in node.elts])
    if kind is ast.Dict:
        if None in node.keys:
            raise Reject("literal **")
        return {literal(key, depth + 1): literal(value, depth + 1) for key, value in zip(node.keys, node.values)}
    if kind is ast.Call and type(node.func) is ast.Name and node.func.id == "set" and not node.args and not node.keywords:
        return set()
    raise Reject("not a literal: " + kind.__name__)


def literal_set(items):
    """Builds a set from its elements. A set has no order, so the written order must not matter: elements are added sorted,
    or in the order of the turn. Of equal elements (1 and True) the first is kept, as in Python."""
    global order_seen
    kept = sorted(dict.fromkeys(items), key=encode)
    if not tracking:
        return set(kept)
    order_seen = order_seen or len(kept) > 1
    return TrackedSet(sorted(kept, key=lambda item: hash((turn, encode(item)))) if turn else kept)


def parse_literal(text):
    if len(text) > ANSWER_CHARS:
        raise Reject("size")
    return parse(text.strip(), "eval").body


def parse_arguments(text):
    """Syntax trees of the arguments in `f(text)`. The text stands on its own lines and never becomes part of a program."""
    if len(text) > ANSWER_CHARS:
        raise Reject("size")
    call = parse("f(\n" + text + "\n)", "eval").body
    if type(call) is not ast.Call or type(call.func) is not ast.Name or call.func.id != "f" or call.keywords:
        raise Reject("arguments")
    return call.args


def fresh_arguments(nodes):
    """New values of the arguments, for one call."""
    try:
        return [literal(node) for node in nodes]
    except TypeError:
        raise Reject("unhashable") from None


COLLECTIONS = frozenset({list, tuple, collections.deque, dict, collections.Counter, collections.OrderedDict,
                         collections.defaultdict})
ADDRESSES = (" at 0x", "<function ", "<built-in ", "<class ")


class Encoder:
    """Writes canonical text. Two texts are equal if and only if type and value are equal. deque counts as list, frozenset as
    set, the dict types of collections as dict. Sets and dicts are sorted by their text. A frozenset inside a set or as a key
    has no literal and is refused."""

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
        if kind is set or kind is TrackedSet or (kind is frozenset or kind is TrackedFrozenset) and not as_key:
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


class EqualityKey(Encoder):
    """Like canonical text, but True, 1 and 1.0 are one number: two texts are equal if Python's == holds."""

    def encode(self, value, depth=0, as_key=False):
        if type(value) is bool or type(value) is float and value.is_integer():
            value = int(value)
        return super().encode(value, depth, as_key)

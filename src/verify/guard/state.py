
# ---- what a call leaves behind ----
#
# The state of a program is all that its next call can read. If the state after the second call equals the state after the
# first, every later call with this input gives the same. So a table of remembered results passes, and a counter of calls
# is found.

STATE_NODES = 4000


class Opaque(Exception):
    """The state of an object cannot be read."""


class State:
    """Writes everything reachable from a program's names as text."""

    def __init__(self):
        self.budget = STATE_NODES
        self.names = {}

    def text(self, value):
        self.budget -= 1
        if self.budget < 0:
            raise Opaque
        kind = type(value)
        if kind in PLAIN or isinstance(value, type):
            return repr(value)
        if id(value) in self.names:
            return self.names[id(value)]
        self.names[id(value)] = "<%d>" % len(self.names)
        return kind.__name__ + self.parts(value, kind)

    def parts(self, value, kind):
        if kind in DICTS:
            return self.sequence([part for entry in value.items() for part in entry])
        if kind is list or kind is tuple or kind is collections.deque:
            return self.sequence(value)
        if kind in SETS:
            return self.sequence(sorted(value, key=lambda item: repr(item) if has_text(item) else ""))
        if kind is FUNCTION:
            cells = [cell.cell_contents for cell in value.__closure__ or () if cell != EMPTY_CELL]
            return self.sequence([*cells, *(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()])
        if kind is GENERATOR:
            frame = value.gi_frame
            return self.sequence([frame.f_lasti, *frame.f_locals.values()] if frame else [])
        if kind is SimpleNamespace or kind is MODULE:
            return ""
        if kind is BUILTIN or kind is METHOD:
            return value.__name__ + self.sequence([value.__self__])
        if isinstance(value, BaseException):
            return self.sequence(value.args)
        try:
            return self.sequence(value.__reduce__())
        except (TypeError, AttributeError):
            raise Opaque from None

    def sequence(self, values):
        return "(" + ",".join([self.text(value) for value in values]) + ")"


FUNCTION, BUILTIN, METHOD, MODULE = type(words), type(len), type(State().text), type(math)
GENERATOR, EMPTY_CELL = type(_ for _ in ()), CellType()


def is_still(value):
    """Whether a value has no state, such as a module, or a function without defaults and closure."""
    if type(value) is FUNCTION:
        return not (value.__defaults__ or value.__kwdefaults__ or value.__closure__)
    return type(value) in PLAIN or isinstance(value, (SimpleNamespace, type))


def state_of(namespace):
    """Text of a program's state; "" if it has no state, None if the state cannot be read."""
    values = [value for name, value in namespace.items() if name[:1] != "_" and not is_still(value)]
    if not values:
        return ""
    try:
        return State().sequence(values)
    except (Opaque, RecursionError):
        return None

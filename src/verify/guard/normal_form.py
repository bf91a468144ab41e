# ---- one text for all spellings of a program ----

class Renamer(ast.NodeTransformer):
    """Renames what the program binds to v0, v1, … in order of appearance."""

    def __init__(self, bound):
        self.bound = bound
        self.names = {"f": "f"}

    def rename(self, name):
        return self.names.setdefault(name, "v%d" % (len(self.names) - 1)) if name in self.bound else name

    def visit_Name(self, node):
        return ast.Name(self.rename(node.id), node.ctx)

    def visit_arg(self, node):
        return ast.arg(self.rename(node.arg))

    def visit_AnnAssign(self, node):
        return self.visit(assignment_of(node))   # one without a value was pruned

    def visit_FunctionDef(self, node):
        node.name, node.returns = self.rename(node.name), None
        return self.generic_visit(node)

    def visit_Lambda(self, node):
        node.args = self.visit(node.args)   # parameters before the body, as in a def
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


def assignment_of(node):
    """An annotated assignment without its annotation."""
    return ast.copy_location(ast.Assign([node.target], node.value), node)


def bound_names(tree):
    bound = set()
    for node in walk(tree):
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


def normalized(tree):
    """The normal form. Changes the tree. Drops what has no effect: annotations, docstrings, `pass`, unreachable lines, values
    that are never read, and unused imports, functions and parameters."""
    prune(tree)
    return ast.unparse(Renamer(bound_names(tree)).visit(tree))


# ---- dropping what has no effect ----

HARMLESS = (ast.Constant, ast.Name, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.List, ast.Tuple, ast.Set,
            ast.Dict, ast.Subscript, ast.Slice, ast.ListComp, ast.comprehension, ast.Lambda, ast.arguments, ast.arg,
            ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
NAMED = (ast.FunctionDef, ast.Import, ast.ImportFrom)
CLOSURES = (ast.FunctionDef, ast.Lambda, ast.GeneratorExp)


def is_harmless(node):
    """Whether an expression has no effect except that it may raise."""
    for part in walk(node):
        if type(part) is ast.Call:
            if type(part.func) is not ast.Name or part.func.id not in PURE_CALLS or part.keywords:
                return False
        elif not isinstance(part, HARMLESS):
            return False
    return True


def loads(*nodes):
    """Names that these nodes read. `del` and augmented assignments read their names too."""
    read = set()
    for node in nodes:
        for part in walk(node):
            if type(part) is ast.Name and type(part.ctx) is not ast.Store:
                read.add(part.id)
            elif type(part) is ast.AugAssign and type(part.target) is ast.Name:
                read.add(part.target.id)
            elif type(part) is ast.Nonlocal:
                read.update(part.names)
    return read


class Liveness:
    """Liveness analysis of one function (`nodes`: all its nodes), from its end to its start. All that a loop reads is live throughout the loop."""

    def __init__(self, nodes):
        inner = [node for node in nodes[1:] if isinstance(node, CLOSURES)]
        outer = [name for node in nodes if type(node) is ast.Nonlocal for name in node.names]
        self.captured = loads(*inner).union(outer)

    def block(self, statements, live, around):
        """The needed statements, and the names that are live before them. `live`: live after them. `around`: live after the
        enclosing loop or at its next iteration."""
        for place, statement in enumerate(statements):
            if isinstance(statement, ENDS):
                statements = statements[:place + 1]
                break
        kept = []
        for statement in reversed(statements):
            needed, live = self.statement(statement, live, around)
            kept += needed
        return kept[::-1], live

    def statement(self, node, live, around):
        kind = type(node)
        if kind is ast.Pass or kind is ast.Expr and is_harmless(node.value) or kind is ast.AnnAssign and node.value is None:
            return [], live
        if kind in (ast.Assign, ast.AnnAssign, ast.AugAssign):
            return self.assignment(node, live)
        if kind is ast.If:
            return self.condition(node, live, around)
        if kind in (ast.For, ast.While):
            return self.loop(node, live, around)
        if kind in (ast.Return, ast.Raise):
            return [node], loads(node)
        if kind in (ast.Break, ast.Continue):
            return [node], around
        return [node], live | loads(node)

    def assignment(self, node, live):
        targets = node.targets if type(node) is ast.Assign else [node.target]
        if type(node) is ast.AnnAssign and type(node.target) is ast.Name:
            node = assignment_of(node)
        names = {target.id for target in targets if type(target) is ast.Name}
        if len(names) < len(targets):
            return [node], live | loads(node)
        same = type(node) is ast.Assign and type(node.value) is ast.Name and names == {node.value.id}
        if same or not names & (live | self.captured) and is_harmless(node.value):
            return [], live
        return [node], live - names | loads(node)

    def condition(self, node, live, around):
        body, first = self.block(node.body, live, around)
        other, second = self.block(node.orelse, live, around)
        if not body and not other and is_harmless(node.test):
            return [], live
        node.body, node.orelse = body or [ast.Pass()], other
        return [node], first | second | loads(node.test)

    def loop(self, node, live, around):
        alive = live | loads(node)
        body, _ = self.block(node.body, alive, alive)
        other, _ = self.block(node.orelse, live, around)
        stored = {part.id for part in walk(node.target) if type(part) is ast.Name} if type(node) is ast.For else set()
        if not body and not other and type(node) is ast.For and is_harmless(node.iter) and not stored & (live | self.captured):
            return [], live
        node.body, node.orelse = body or [ast.Pass()], other
        return [node], alive


def prune(tree):
    size = None
    while size != (size := len(nodes := walk(tree))):   # a dropped line may have been the only use of something else
        named = [node for node in nodes if type(node) in NAMED]
        for node in named:
            if type(node) is ast.FunctionDef:
                prune_function(node)
        f = next(part for part in tree.body if type(part) is ast.FunctionDef and part.name == "f")
        if (f.args.defaults or f.args.vararg or f.args.kwarg or f.args.kwonlyargs) and "f" not in loads(tree):
            prune_parameters(f)
        if len(tree.body) > 1:
            prune_module(tree, loads(tree))
        if len(named) > 1:
            drop_unused(tree)


def prune_function(node):
    nodes = walk(node)
    if not any(type(part) is ast.Try for part in nodes):
        node.body = Liveness(nodes).block(node.body, set(), set())[0] or [ast.Pass()]


def prune_module(tree, used):
    """Drops assignments and expressions of the module without effect. Any function may read a name of the module."""
    tree.body = [part for part in tree.body if not is_idle(part, used)]


def is_idle(node, used):
    kind = type(node)
    if kind is ast.Pass or kind is ast.Expr:
        return kind is ast.Pass or is_harmless(node.value)
    if kind is ast.Assign and is_harmless(node.value):
        return all(type(target) is ast.Name and target.id not in used for target in node.targets)
    return kind is ast.AnnAssign and (node.value is None or type(node.target) is ast.Name and node.target.id not in used
                                      and is_harmless(node.value))


def drop_unused(tree):
    """Drops imports and functions whose names are never read."""
    used = loads(tree)
    for node in walk(tree):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if type(block) is list:
                kept = [part for part in block if is_used(part, used)]
                setattr(node, field, kept or ([ast.Pass()] if block and field == "body" else kept))


def is_used(node, used):
    if type(node) in (ast.Import, ast.ImportFrom):
        node.names = [item for item in node.names if (item.asname or item.name) in used]
        return bool(node.names)
    return type(node) is not ast.FunctionDef or node.name == "f" or node.name in used or bool(node.args.defaults)


def prune_parameters(f):
    """Drops parameters of f that its body never reads: *args, **kwargs, and the last ones that have defaults."""
    used, given = loads(*f.body), f.args
    if given.vararg and given.vararg.arg not in used:
        given.vararg = None
    if given.kwarg and given.kwarg.arg not in used:
        given.kwarg = None
    for place in reversed(range(len(given.kwonlyargs))):
        if given.kwonlyargs[place].arg not in used and given.kw_defaults[place] and is_harmless(given.kw_defaults[place]):
            del given.kwonlyargs[place], given.kw_defaults[place]
    while given.defaults and not given.vararg and given.args and given.args[-1].arg not in used \
            and is_harmless(given.defaults[-1]):
        given.args.pop()
        given.defaults.pop()

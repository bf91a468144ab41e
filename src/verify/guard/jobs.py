
# ---- jobs ----

# The host writes the number of polls into the meter. A unit (one input with all its calls) begins right after a poll, so its
# count does not depend on what ran before.
meter = array.array("i", [0, 0, 0])
POLLS, BEGAN, UNIT = 0, 1, 2
METER = meter.buffer_info()[0]
POLL_INTERVAL = 60
OPAQUE_CALLS = 6
tracking = False


def begin(unit):
    before = meter[POLLS]
    for _ in range(POLL_INTERVAL):
        if meter[POLLS] != before:
            break
    meter[BEGAN], meter[UNIT] = meter[POLLS], unit


def call_once(code, arguments, namespace=None):
    """[outcome, namespace] of one call. Without a namespace the program is executed first, in a new one."""
    try:
        if namespace is None:
            namespace = {"__builtins__": dict(TRACKED_BUILTINS if tracking else PROGRAM_BUILTINS), "__name__": "program"}
            exec(code, namespace)
        value = namespace["f"](*arguments)
    except Unsettled:
        return ["refused", "text of an object"], namespace
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
        return run_again(code, nodes, first, namespace) if twice and first[0] == "ok" else first
    except Reject as reject:
        return ["argument", str(reject)]


def run_again(code, nodes, first, namespace):
    """The first outcome if a second call gives the same and changes no state, else "unstable"."""
    before = state_of(namespace)
    for _ in range(OPAQUE_CALLS if before is None else 1):
        again, _ = call_once(code, fresh_arguments(nodes), namespace)
        if again != first:
            return ["unstable", "differs on second call"]
    return first if before == state_of(namespace) else ["unstable", "every call changes its state"]


def run_settled(code, text):
    """The outcome if it is the same in every turn, else "unsettled" with the outputs of all turns."""
    global turn, tracking, order_seen
    turn, tracking, order_seen = 0, True, False
    sys.setrecursionlimit(TRACKED_RECURSION)
    outcomes = [run_input(code, text, False)]
    while turn < TURNS and order_seen and (turn < LEAST_TURNS or meter[POLLS] - meter[BEGAN] < TURN_POLLS):
        turn += 1
        scramble(turn)
        outcome = run_input(code, text, False)
        if outcome not in outcomes:
            outcomes.append(outcome)
    turn, tracking = 0, False
    sys.setrecursionlimit(RECURSION)
    if len(outcomes) == 1:
        return outcomes[0]
    return ["unsettled", "depends on the order of a set", [output for kind, output in outcomes if kind == "ok"]]


class Prepared:
    """A job whose program passed the gate and is compiled."""

    def __init__(self, job):
        self.job = job
        self.tree, self.pure = gate(job["program"])
        if job["shared"] and not self.pure:
            self.code = None
            return
        self.code = compile_program(self.tree, job["program"])
        moving = job["settle"] and may_move(self.tree, self.pure, job["program"], job["inputs"])
        self.moving = compile_tracked(job["program"]) if moving else None

    def ready(self):
        self.probes = probes_of(self.job)
        return {"status": "ready", "pure": self.pure, "meter": METER, "probes": self.probes, **self.description()}

    def run(self, which):
        """Runs all inputs, the first input, or the variations (of a pure program only)."""
        if which == "varied":
            texts, twice, settle = self.probes, False, False
        else:
            texts = self.job["inputs"] if which == "all" else self.job["inputs"][:1]
            twice, settle = self.job["twice"], self.job["settle"]
        results, polls = [], []
        for unit, text in enumerate(texts):
            begin(unit)
            results.append(self.run_unit(text, twice, settle))
            polls.append(meter[POLLS] - meter[BEGAN])
            if self.job["untilFault"] and which == "all" and results[-1][0] != "ok":
                break
        return {"results": results, "polls": polls}

    def run_unit(self, text, twice, settle):
        if settle and not self.pure:
            scramble(0)
        outcome = run_input(self.code, text, twice)
        if not settle or self.moving is None or outcome[0] != "ok":
            return outcome
        settled = run_settled(self.moving, text)
        if settled[0] == "unsettled":
            settled[2].append(outcome[1])
        return outcome if settled[0] == "ok" else settled

    def description(self):
        if not self.job["describe"]:
            return {"inputs": [], "keys": [], "source": "", "normalized": ""}
        texts = [texts_of(text) for text in self.job["inputs"]]
        return {"inputs": [text for text, _ in texts], "keys": [key for _, key in texts],
                "source": ast.unparse(self.tree), "normalized": normalized(self.tree)}


def texts_of(text):
    """Canonical text of an input and its key for ==; both "" if it is not a list of literals."""
    try:
        values = fresh_arguments(parse_arguments(text))
        return [", ".join([encoder().encode(value) for value in values]) for encoder in (Encoder, EqualityKey)]
    except Reject:
        return ["", ""]


def read_literal(text):
    try:
        return ["ok", encode(fresh_arguments([parse_literal(text)])[0])]
    except Reject as reject:
        return ["argument", str(reject)]


prepared = None


def answer(text):
    """The text of a job prepares it. "all", "first" and "varied" run the prepared job. These are separate calls, because a
    stack overflow in the parser is another verdict than one in the program."""
    global prepared
    if text in ("all", "first", "varied"):
        return json.dumps(prepared.run(text))
    job, prepared = json.loads(text), None
    if job["program"] is None:
        return json.dumps({"status": "read", "results": [read_literal(literal) for literal in job["inputs"]]})
    try:
        prepared = Prepared(job)
    except Reject as reject:
        return json.dumps({"status": "refused", "reason": str(reject)})
    return json.dumps(prepared.ready()) if prepared.code else '{"status": "impure"}'

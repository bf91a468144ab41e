"""Kelvin's verdicts and rewards for other trainers: answers are parsed, never evaluated; programs run in limited processes.

    compute_score(data_source, solution_str, ground_truth, extra_info)   verl
    kelvin_reward(completions, ground_truth, ...)                         TRL

The guard (kelvin_guard.py) is the one of Kelvin's own verifier. There the boundary is WebAssembly; here it is a process of its own per
program, with limits on time, memory and files. That stops accidents. It is no jail: train on models whose programs you would run.
Needs Linux or macOS.
"""

import atexit
import collections
import json
import os
import re
import select
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
SHOWN_PAIRS = 3
# Seconds that one run of a program may take.
PATIENCE = 3.0
MOST_KNOWN = 20_000
ROLES = "pad eos int ded abd ind pded pabd pind in out think ans new msg easy judge try rule check score law fix best"
ROLE_TOKEN = re.compile("<(?:" + "|".join(ROLES.split()) + ")>")
ANSWER = re.compile(r"(?:<think>(?P<trace>[\s\S]*?))?<ans>(?P<answer>[\s\S]*)\Z")
MALFORMED = frozenset({"FORMAT", "INVALID ANSWER", "INVALID PROGRAM", "DENIED"})


def parse_answer(text, ended=True):
    """The answer of a completion; None if it is malformed or did not end by itself."""
    found = ANSWER.match(text) if ended else None
    if not found or found["answer"] == "":
        return None
    parts = (found["trace"] or "", found["answer"])
    return None if any(ROLE_TOKEN.search(part) for part in parts) else found["answer"]


def reward_of(verdict):
    """1 if right, -0.5 if well-formed but wrong, -1 if malformed. arXiv 2505.03335 Eq. 6."""
    return 1.0 if verdict == "CORRECT" else -1.0 if verdict in MALFORMED else -0.5


def judge(kind, ground_truth, text, ended=True):
    """The verdict on a completion. `ground_truth` is JSON: a program with its output, or the hidden pairs of an induction."""
    answer = parse_answer(text, ended)
    if answer is None:
        return "FORMAT"
    truth = json.loads(ground_truth)
    return {"deduction": deduce, "abduction": abduce, "induction": induce}[kind](truth, answer)


def deduce(truth, answer):
    outcome = GUARD.read(answer)
    if outcome[0] != "ok":
        return "INVALID ANSWER"
    return "CORRECT" if outcome[1] == GUARD.gold(truth["output"]) else "WRONG"


def abduce(truth, answer):
    outcome = GUARD.run(truth["program"], answer, settle=True)
    if outcome[0] == "program":
        return "INVALID PROGRAM"
    if outcome[0] == "argument":
        return "INVALID ANSWER"
    gold = GUARD.gold(truth["output"])
    if outcome[0] == "unsettled":
        return "INVALID PROGRAM" if gold in outcome[2] else "WRONG"
    return "CORRECT" if outcome[0] == "ok" and outcome[1] == gold else "WRONG"


def induce(truth, answer):
    for pair in truth["pairs"]:
        outcome = GUARD.run(answer, pair["input"])
        if outcome[0] != "ok" or outcome[1] != GUARD.gold(pair["output"]):
            return "WRONG"
    return "CORRECT"


def compute_score(data_source, solution_str, ground_truth, extra_info=None, **_):
    """verl's custom reward function. verl does not say whether an answer ended by itself; what was cut counts as ended."""
    verdict = judge(data_source.removeprefix("kelvin/"), ground_truth, solution_str)
    return {"score": reward_of(verdict), "right": float(verdict == "CORRECT")}


def kelvin_reward(completions, ground_truth, data_source, completion_ids=None, eos_token_id=None, **_):
    """TRL's reward function; columns of the dataset arrive as lists. An answer without an end token was cut off."""
    ends = [eos_token_id is None or eos_token_id in ids for ids in completion_ids or [[eos_token_id]] * len(completions)]
    rows = zip(data_source, ground_truth, completions, ends)
    return [reward_of(judge(source.removeprefix("kelvin/"), truth, text, ended)) for source, truth, text, ended in rows]


class Guard:
    """A process with the guard that forks for every run, so that no run sees what another did."""

    def __init__(self):
        self.process = None
        self.lock = threading.Lock()
        self.known = collections.OrderedDict()

    def gold(self, text):
        """Canonical text of a gold value."""
        return self.read(text)[1]

    def read(self, text):
        return self.outcome({"program": None, "inputs": [text]})

    def run(self, program, text, settle=False):
        return self.outcome({"program": program, "inputs": [text], "settle": settle})

    def outcome(self, job):
        """[kind, text]: `ok`, how it failed, `stopped`, or `program` where the gate refused it. Many answers of a group are equal, so
        outcomes are kept; one that the clock decided is not."""
        key = json.dumps(job)
        if key not in self.known:
            outcome = self.ask(key)
            if outcome[0] == "stopped":
                return outcome
            self.known[key] = outcome
            if len(self.known) > MOST_KNOWN:
                self.known.popitem(last=False)
        return self.known[key]

    def ask(self, line):
        with self.lock:
            try:
                return json.loads(self.exchange(self.started(), line))
            except (BrokenPipeError, ValueError):
                self.stop()
                return ["stopped", "the guard's process ended"]

    def exchange(self, process, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], 2 * PATIENCE)
        return process.stdout.readline() if ready else ""

    def started(self):
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, "-I", os.path.join(HERE, "kelvin_process.py"), str(PATIENCE)]
            environment = {"PYTHONHASHSEED": "0", "PATH": os.environ.get("PATH", "")}
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd="/")
        return self.process

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


GUARD = Guard()
atexit.register(GUARD.stop)

"""The process that kelvin_reward.py starts: a line of JSON for every job in, a line for its outcome out. A program runs in a fork."""

import ast
import json
import os
import resource
import select
import signal
import sys

PATIENCE = float(sys.argv[1])
MEMORY = 2**29
# What the guard asks of Python 3.12 and later.
if not hasattr(ast.FunctionDef, "type_params"):
    ast.FunctionDef.type_params = ()
OUT = os.dup(1)
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kelvin_guard as guard  # it closes the streams of this process


def outcome_of(job):
    whole = {"twice": False, "probe": "", "settle": False, "untilFault": False, "describe": False, "shared": False, **job}
    report = json.loads(guard.answer(json.dumps(whole)))
    if report["status"] == "refused":
        return ["program", report["reason"]]
    return (report if report["status"] == "read" else json.loads(guard.answer("all")))["results"][0]


def limit():
    seconds = int(PATIENCE) + 1
    for name, most in (("CPU", seconds), ("FSIZE", 0), ("NOFILE", 16), ("NPROC", 0), ("CORE", 0), ("AS", MEMORY)):
        kind = getattr(resource, "RLIMIT_" + name, None)
        try:
            if kind is not None:
                resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):
            pass   # a system without this limit still has the others


def run_in_fork(job):
    back, out = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(back)
            os.closerange(0, out)
            os.closerange(out + 1, 64)
            limit()
            os.write(out, json.dumps(outcome_of(job)).encode()[:60_000])
        finally:
            os._exit(0)
    os.close(out)
    try:
        ready, _, _ = select.select([back], [], [], PATIENCE)
        if not ready:
            return ["stopped", "time"]
        return json.loads(read_all(back) or b'["stopped", "it ended without an outcome"]')
    except ValueError:
        return ["stopped", "its outcome was cut"]
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(back)


def read_all(pipe):
    parts = []
    while part := os.read(pipe, 65536):
        parts.append(part)
    return b"".join(parts)


def main():
    with os.fdopen(0, encoding="utf8") as lines:
        for line in lines:
            job = json.loads(line)
            outcome = outcome_of(job) if job["program"] is None else run_in_fork(job)
            os.write(OUT, (json.dumps(outcome) + "\n").encode())


main()

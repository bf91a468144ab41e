/** Section H of the catalogue: what a program may try once it is past the gate. Shared by Node and the browser. */
import type { Job, JobResult } from "../../src/verify/jobs";
import { plainJob } from "./jobs";

/**
 * Python appended to the guard: every program passes, with Python's own builtins, and every dangerous module is in the
 * heap image already, so that a failed import cannot mask a hole in the boundary.
 */
export const GATE_OFF = `
import asyncio, collections.abc, ctypes, decimal, gc, importlib.machinery, io, os, random, signal, socket, time
import urllib.request, warnings, js, pyodide, pyodide_js, pyodide.code, pyodide.ffi, pyodide.http

RUN_SCRIPT = ctypes.CDLL(None).emscripten_run_script_int

def gate(source):
    return parse(source, "exec"), False

PROGRAM_BUILTINS = {**vars(builtins), "guard": sys.modules["__main__"], "<stop>": ()}
`;

/** The body of \`f\`, or whole functions where it starts with \`def\`. */
export function probeJob(body: string): Job {
  const indented = body
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
  return { ...plainJob(`def f(x):\n${indented}`), isolate: true };
}

/** How a job with one input ended: the stop, the exception, or the value. */
export function endOf({ stop, report }: JobResult): string {
  if (stop) return stop;
  if (report?.status !== "ran") return JSON.stringify(report);
  const [kind, text] = report.results[0]!;
  return kind === "ok" ? text : `${kind} ${text}`;
}

interface Probe {
  readonly id: string;
  readonly body: string;
  /** How it may end. */
  readonly ends: readonly string[];
}
const denied = (id: string, body: string): Probe => ({ id, body, ends: ["denied"] });
const ends = (id: string, body: string, ...allowed: string[]): Probe => ({ id, body, ends: allowed });

export const BOUNDARY_PROBES: readonly Probe[] = [
  denied("H01", "import js\nreturn js.fetch"),
  denied("H02", "__import__('js').postMessage('forged')"),
  denied("H03", "import pyodide_js\nreturn pyodide_js._module"),
  denied("H03", "import pyodide_js\nreturn pyodide_js._api.loadBinaryFile"),
  denied("H04", "from pyodide.code import run_js\nreturn run_js('1')"),
  denied("H05", "import ctypes\nreturn ctypes.CDLL(None).emscripten_run_script_int(b'1')"),
  denied("H06", "return guard.RUN_SCRIPT(b'1')"),
  denied("H07", "import ctypes\nreturn ctypes.CFUNCTYPE(ctypes.c_int)(17)()"),
  // Type slots of a built-in type, filled with an index of the function table: wasm refuses the signature or the wrapper the call.
  ends(
    "H08",
    "import ctypes\nslots = (ctypes.c_uint32 * 60).from_address(id(type(iter([]))))\nfor i in range(6, 60): slots[i] = 17\nreturn list(iter([1]))",
    "denied",
    "trap",
  ),
  denied("H09", "from pyodide.ffi import to_js\nreturn to_js([1]).constructor.constructor('return 1')()"),
  denied("H10", "from pyodide.ffi import create_proxy\nreturn create_proxy(lambda: 1)"),
  denied("H11", "import asyncio\nasyncio.new_event_loop().call_soon(print)"),
  ends("H12", "import pyodide.http as h\nh.open_url('http://127.0.0.1:9/')", "denied", "raised NameError"),
  denied("H12", "import urllib.request as u\nu.urlopen('http://127.0.0.1:9/')"),
  denied("H12", "import socket\nsocket.socket()"),
  denied("H13", "open('a.txt', 'w')"),
  // The one name that exists nowhere: not a denial, and no way to a file either.
  ends("H13", "open('<program>', 'w')", "raised FileNotFoundError"),
  denied("H13", "open('<program>x', 'w')"),
  denied("H13", "import os\nreturn os.listdir('/')"),
  denied("H13", "import os\nos.chdir('/')"),
  denied("H14", "import sys\nsys.__stdout__.write('x')\nsys.__stdout__.flush()"),
  ends("H14", "return input()", "denied", "raised RuntimeError"),
  denied("H15", "import time\nreturn time.time()"),
  denied("H15", "import time\nreturn time.perf_counter()"),
  denied("H15", "import time\ntime.sleep(5)"),
  denied("H16", "import os\nreturn os.urandom(4)"),
  denied("H16", "import random\nreturn random.SystemRandom().random()"),
  denied(
    "H17",
    "b = [c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'BuiltinImporter'][0]\nreturn b.load_module('posix').listdir('/')",
  ),
  denied(
    "H18",
    "import gc\nhosts = [o for o in gc.get_referents(guard.js.__class__, guard.__dict__) if 'Js' in type(o).__name__]\nreturn [h.x for h in [guard.js, *hosts]]",
  ),
  ends("H19", "import ctypes\nctypes.memset(0, 255, 20000000)", "denied", "trap"),
  denied("H19", "import os\nos.abort()"),
  denied("H19", "import os\nos._exit(3)"),
  ends(
    "H19",
    "def g(): return 1\ng.__code__ = g.__code__.replace(co_code=b'\\xff'*100)\nreturn g()",
    "denied",
    "trap",
    "raised SystemError",
  ),
  // A million nested calls fill the memory, which takes a slow or busy machine longer than the time limit.
  ends(
    "H20",
    "import sys\nsys.setrecursionlimit(10**7)\ndef g(n): return [g(n+1)]\nreturn sorted([1], key=g)",
    "trap",
    "steps",
    "memory",
    "time",
  ),
  ends("H21", "import signal\nsignal.signal(2, signal.SIG_IGN)\nwhile True: pass", "steps"),
  ends("H22", "while True:\n    try:\n        while True: pass\n    except BaseException: pass", "steps"),
  ends("H22", "while True:\n    try: pass\n    finally: continue", "steps"),
  ends("H22", "class D:\n    def __del__(self):\n        while True: pass\nd = D()\ndel d\nreturn 1", "steps"),
  ends("H22", "import sys\ndef t(*a):\n    while True: pass\nsys.settrace(t)\n(lambda: 1)()", "steps"),
  ends("H23", "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\nreturn 'done'", "'done'"),
];

/** H47: ends in a trap. */
export const CRASH = "t = ()\nfor i in range(300000): t = (t,)\nreturn hash(t)";
/** H48: everything that may differ between two runs of one image. */
export const IDENTITIES =
  "return [id(object()), repr(object()), hash('a'), list({'p', 'q', 'r'}), guard.random.random()]";

interface LeakPair {
  readonly id: string;
  /** Changes something and returns 'done'. */
  readonly first: string;
  readonly probe: string;
  /** What the probe gives before and after. */
  readonly value: string;
}
const pair = (id: string, first: string, probe: string, value: string): LeakPair => ({
  id,
  first: `${first}\nreturn 'done'`,
  probe,
  value,
});

export const LEAK_PAIRS: readonly LeakPair[] = [
  pair("H30", "import builtins\nbuiltins.len = lambda x: 99", "import builtins\nreturn builtins.len([])", "0"),
  pair("H31", "import math\nmath.sqrt = lambda x: -1", "import math\nreturn math.sqrt(4)", "2.0"),
  pair(
    "H32",
    "import json, ast\njson.loads = ast.literal_eval = lambda s: 9",
    "import json, ast\nreturn [json.loads('1'), ast.literal_eval('2')]",
    "[1, 2]",
  ),
  pair(
    "H33",
    "import json\njson.loads.__code__ = (lambda s, **k: 'X').__code__",
    "import json\nreturn json.loads('1')",
    "1",
  ),
  pair(
    "H34",
    "from collections import Counter\nCounter.most_common = lambda s, n=None: 'P'",
    "from collections import Counter\nreturn Counter('aab').most_common(1)",
    "[('a', 2)]",
  ),
  pair(
    "H35",
    "import random\nrandom.seed(7)",
    "import random\nreturn random.getstate() == guard.random.getstate() and random.getstate()[0]",
    "3",
  ),
  pair("H36", "import sys\nsys.setrecursionlimit(77)", "import sys\nreturn sys.getrecursionlimit()", "300"),
  pair("H37", "import sys\nsys.set_int_max_str_digits(0)", "import sys\nreturn sys.get_int_max_str_digits()", "4300"),
  pair(
    "H38",
    "import sys\nsys.modules['evil'] = sys\nsys.path.insert(0, 'p')\nsys.meta_path.clear()",
    "import sys\nreturn ['evil' in sys.modules, 'p' in sys.path, bool(sys.meta_path)]",
    "[False, False, True]",
  ),
  pair(
    "H39",
    "import sys, io\nsys.stdout = io.StringIO()\nsys.excepthook = print\nsys.settrace(lambda *a: None)",
    "import sys\nreturn [sys.stdout, sys.excepthook is print, sys.gettrace()]",
    "[None, False, None]",
  ),
  pair(
    "H40",
    "import gc\ngc.disable()\ngc.set_threshold(1)\ngc.freeze()",
    "import gc\nreturn [gc.isenabled(), gc.get_threshold()[0] > 1]",
    "[True, True]",
  ),
  pair(
    "H41",
    "import warnings\nwarnings.simplefilter('error')",
    "import warnings\nreturn [a[0] for a in warnings.filters][:1]",
    "['ignore']",
  ),
  pair("H42", "import os\nos.environ._data[b'A'] = b'1'", "import os\nreturn 'A' in os.environ", "False"),
  pair(
    "H43",
    "import collections.abc\ncollections.abc.Sized.register(int)",
    "import collections.abc\nreturn isinstance(5, collections.abc.Sized)",
    "False",
  ),
  pair(
    "H44",
    "import decimal\ndecimal.getcontext().prec = 3",
    "import decimal\nreturn decimal.getcontext().prec",
    "28",
  ),
  pair(
    "H45",
    "import ctypes\nb = (ctypes.c_uint8 * 16).from_address(id(7))\nb[12] = 9",
    "a = [3, 4]\nreturn str(a[0] + a[1])",
    "'7'",
  ),
];

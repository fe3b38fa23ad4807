"""The inside of a process that reads one foreign file: it limits itself, calls one function and writes what that gives.

Started by `confined`, without Django and without anything of the site but the file: as its standard input.
"""

import json
import os
import resource
import signal
import sys
import traceback
from importlib import import_module

from .limits import TOO_DEAR, Unreadable


def limit(memory: int, processor: int, clock: float, written: int) -> None:
    """Limit this process: bytes of memory, seconds of processor and of clock (0: none), bytes of a file.

    The kernel ends it when it goes beyond, whatever it is doing.
    """
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(kind, (most, most))
    if clock:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, clock)
    os.nice(5)  # the site goes first


def main() -> None:
    """Call the function that the command line names with the file and its options; write each thing it gives as a line
    of JSON, then ``end``, ``unreadable`` or, for a fault of the program, ``failed``."""
    told = json.loads(sys.argv[1])
    limit(**told["limits"])
    module, _colon, name = told["function"].partition(":")
    with open(0, "rb") as file, open(1, "wb") as out:  # its standard input and output

        def write(thing: object) -> None:
            out.write(json.dumps(thing, separators=(",", ":")).encode())
            out.write(b"\n")

        try:
            file.seek(0)
            for thing in getattr(import_module(module), name)(file, **told["options"]):
                write(thing)
            last: dict[str, object] = {"end": True}
        except Unreadable as error:
            last = {"unreadable": [error.message, error.told]}
        except MemoryError:
            last = {"unreadable": [TOO_DEAR, {}]}
        except BrokenPipeError:
            os._exit(1)  # nobody reads on
        except Exception:
            last = {"failed": traceback.format_exc()[-4000:]}
        write(last)

"""Runs one test where there is no pytest.

micropython runner.py PATH MODULE TEST    (PATH: folders to import from, with `:` between)
"""

import gc
import sys


def run(module, test):
    # a board's own start may have imported the core that is installed there
    for name in list(sys.modules):
        if name.split(".")[0] == "helio":
            del sys.modules[name]
    gc.collect()
    result = getattr(__import__(module), test)()
    if hasattr(result, "send"):
        import asyncio

        asyncio.run(result)
    print("-- passed --")


if __name__ == "__main__":
    sys.path[:0] = sys.argv[3:]
    run(*sys.argv[1:3])

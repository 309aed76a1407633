"""Tests that are coroutine functions."""

import asyncio
import functools


def asynchronous(test):
    """Run a coroutine function as a test."""

    @functools.wraps(test)
    def run(*arguments, **fixtures):
        asyncio.run(test(*arguments, **fixtures))

    return run

"""Runs a program's own coroutines beside its node."""

import asyncio


async def run(programs, stopped):
    """Run coroutine functions without arguments until the Event `stopped` is set; what one of them
    raises ends them all, and is raised."""
    failed = []

    async def one(program):
        try:
            await program()
        except Exception as error:
            failed.append(error)
            stopped.set()

    tasks = [asyncio.create_task(one(program)) for program in programs]
    await stopped.wait()
    for task in tasks:
        task.cancel()
    for task in tasks:
        try:
            await task  # what it does at its end, it does before ours
        except asyncio.CancelledError:
            pass
    if failed:
        raise failed[0]

"""Making sure that a task that was told to stop does stop."""

import asyncio
from collections.abc import Sequence

AGAIN_S = 0.5


def stop_if_told() -> None:
    """Errors: CancelledError when the running task was canceled and a library hid it.

    nats-py turns a cancellation inside publish_async and fetch into an error of its own; a loop
    that survives errors calls this at its top.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancels tasks until each one has ended."""
    while waiting := [task for task in tasks if not task.done()]:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=AGAIN_S)

"""Waiting for the bus."""

import asyncio

from nats.aio.client import Client

LOOK_S = 0.1


async def connected(client: Client) -> None:
    """Waits until the process is connected to NATS, as long as it takes."""
    while not client.is_connected:  # noqa: ASYNC110 - nats-py gives nothing to wait for
        await asyncio.sleep(LOOK_S)

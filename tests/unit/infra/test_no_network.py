"""Unit tests cannot reach anything outside their process."""

import asyncio
import socket

import pytest
import pytest_socket


@pytest.mark.filterwarnings("ignore:A test tried to use")
def test_a_unit_test_cannot_open_a_connection() -> None:
    with pytest.raises(pytest_socket.SocketBlockedError):
        socket.create_connection(("127.0.0.1", 9))


async def test_an_event_loop_still_works() -> None:
    assert await asyncio.wait_for(asyncio.sleep(0, "woken"), 1) == "woken"

"""The peer: a grpc.aio server that answers at once with as many bytes as a sale's answer has.

Run as: python -m bench.payments.echo TLS_FOLDER ANSWER_BYTES; it prints its port.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import grpc.aio

from kit import tls

METHOD = "/bench.Echo/Answer"


async def serve(folder: Path, answer_bytes: int) -> None:
    """Serves until it is ended."""
    answer = bytes(answer_bytes)

    async def respond(_request: bytes, _context: Any) -> bytes:
        return answer

    server = grpc.aio.server()
    handler = grpc.method_handlers_generic_handler(
        "bench.Echo", {"Answer": grpc.unary_unary_rpc_method_handler(respond)}
    )
    server.add_generic_rpc_handlers((handler,))
    port = server.add_secure_port("127.0.0.1:0", tls.server_credentials(folder))
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))

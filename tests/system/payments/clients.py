"""Clients of the payments tests; `./meguri chaos` has the same ones."""

from chaos.peers import owner_peers
from chaos.register import Register

__all__ = ["Register", "owner_peers"]

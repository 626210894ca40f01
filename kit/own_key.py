"""A service's own secret key, in a file that is made where it is absent."""

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


def own_key(path: Path) -> bytes:
    """Returns the key of a file, 32 bytes; makes it where it is absent.

    Several processes may ask at once: all get the same key. Errors: OSError.
    """
    if path.exists():  # in a cluster it is given, in a folder where nothing may be written
        return path.read_bytes()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
            f.write(secrets.token_bytes(KEY_BYTES))
        os.link(fresh, path)  # whole or not at all, and never over another process's
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_bytes()

"""Builds what the tree does not keep: gRPC stubs from proto/ and compiled message catalogs.

Each product carries a stamp of the content it was made from, so that a second run only hashes.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTO, GEN = ROOT / "proto", ROOT / "gen"
STUB_OUTPUTS = ("--python_out", "--grpc_python_out")
TYPE_OUTPUTS = ("--mypy_out", "--mypy_grpc_out")


class BuildError(Exception):
    """Something in the tree cannot be built; the text is what the compiler said."""


def build(*, types: bool = True) -> list[str]:
    """Builds what is out of date and returns the names of what was built.

    types: also write the .pyi files that only the type checker reads. Errors: BuildError.
    """
    with _alone():
        built = [name for name in ("stubs", "types") if types or name == "stubs"]
        built = [name for name in built if _build_stubs(name)]
        return built + _build_catalogs()


def _build_stubs(name: str) -> bool:
    sources = sorted(PROTO.rglob("*.proto"))
    outputs = STUB_OUTPUTS if name == "stubs" else TYPE_OUTPUTS
    digest = _digest(sources, name + _tool_version() + _own_text())
    if not sources or _stamp(name) == digest:
        return False
    with tempfile.TemporaryDirectory(dir=GEN) as scratch:
        _run_protoc(sources, [f"{output}={scratch}" for output in outputs])
        _take_over(Path(scratch), GEN, (".pyi",) if name == "types" else (".py",))
    (GEN / f".{name}.stamp").write_text(digest)
    return True


def _run_protoc(sources: Iterable[Path], outputs: list[str]) -> None:
    import grpc_tools  # noqa: PLC0415 - 50 ms that an up-to-date tree need not pay
    from grpc_tools import protoc  # noqa: PLC0415 - as above

    well_known = Path(grpc_tools.__file__).parent / "_proto"
    # protoc finds the type plugins beside the interpreter, whatever the caller's PATH is.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    arguments = ["protoc", f"-I{PROTO}", f"-I{well_known}", *outputs, *map(str, sources)]
    if protoc.main(arguments) != 0:
        raise BuildError("protoc refused the files in proto/; its message is above")


def _take_over(scratch: Path, target: Path, suffixes: tuple[str, ...]) -> None:
    """Moves new files into place one by one, so that a running reader never finds a gap."""
    fresh = {path.relative_to(scratch) for path in scratch.rglob("*") if path.is_file()}
    for relative in sorted(fresh):
        new, old = scratch / relative, target / relative
        if old.exists() and old.read_bytes() == new.read_bytes():
            continue
        old.parent.mkdir(parents=True, exist_ok=True)
        new.replace(old)
    for old in (target / "meguri").rglob("*"):
        if old.suffix in suffixes and old.relative_to(target) not in fresh:
            old.unlink()


def _build_catalogs() -> list[str]:
    sources = [*sorted((ROOT / "services").rglob("*.po")), *sorted((ROOT / "cli").rglob("*.po"))]
    return [str(source.relative_to(ROOT)) for source in sources if build_catalog(source)]


def build_catalog(source: Path) -> bool:
    """Compiles one catalog where it has changed; tells whether it had. Errors: BuildError."""
    content = source.read_bytes()
    digest = hashlib.sha256(content).digest()
    product = source.with_suffix(".mo")
    # gettext ignores bytes behind the tables: the stamp travels with the file.
    if product.exists() and product.read_bytes().endswith(digest):
        return False
    product.write_bytes(_compile_catalog(source, content) + digest)
    return True


def _compile_catalog(source: Path, content: bytes) -> bytes:
    import io  # noqa: PLC0415 - only when a catalog changed

    from babel.messages import mofile, pofile  # noqa: PLC0415 - only when a catalog changed

    try:
        catalog = pofile.read_po(io.BytesIO(content), abort_invalid=True)
    except (pofile.PoFileError, UnicodeDecodeError) as error:
        raise BuildError(f"{source.relative_to(ROOT)}: {error}") from error
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalog)
    return compiled.getvalue()


def _digest(paths: Iterable[Path], extra: str) -> str:
    state = hashlib.sha256(extra.encode())
    for path in paths:
        content = path.read_bytes()
        state.update(f"{path.relative_to(ROOT)} {len(content)}\n".encode() + content)
    return state.hexdigest()


def _stamp(name: str) -> str:
    path = GEN / f".{name}.stamp"
    return path.read_text() if path.exists() else ""


def _own_text() -> str:
    return " ".join(STUB_OUTPUTS + TYPE_OUTPUTS)


def _tool_version() -> str:
    # The lock names the generator's version and is far cheaper to read than package metadata.
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return " ".join(line for line in lines if line.startswith(("grpcio-tools", "mypy-protobuf")))


@contextmanager
def _alone() -> Iterator[None]:
    """Two commands started at once build one after the other.

    A tree that nobody may write is a container's: what its image holds was built with it.
    """
    GEN.mkdir(exist_ok=True)
    try:
        lock = (GEN / ".lock").open("w")
    except OSError as error:
        if error.errno not in {errno.EROFS, errno.EACCES}:
            raise
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left_over in GEN.glob("tmp*"):
            shutil.rmtree(left_over, ignore_errors=True)
        yield


def main(arguments: list[str]) -> int:
    """Builds everything, or with --run only what running needs. Returns the exit code."""
    started = time.perf_counter()
    try:
        built = build(types="--run" not in arguments)
    except BuildError as error:
        print(f"build: {error}", file=sys.stderr)
        return 1
    duration_ms = (time.perf_counter() - started) * 1000
    print(f"built {', '.join(built) or 'nothing, all is up to date'} in {duration_ms:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The area of a call is that of its token: no method takes another one from its message."""

from collections.abc import Iterator

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, FileDescriptor

from infra.local.home import ROOT
from kit.rpc import is_read
from tests.unit.kit.test_who_may import TABLES

# Messages with a field of that name: what for, and who holds it against the token.
NAMED = {
    "DropAreaRequest.confirm_area": "the name once more, so that nobody drops the wrong one",
    "ConfigureAreaRequest.area.area": "refused where it is not the token's",
}


def methods() -> Iterator[tuple[str, Descriptor]]:
    """Gives the methods of all contracts with their requests."""
    names = {method for table in TABLES.values() for method in table}
    pool = descriptor_pool.Default()
    for service in ("directory", "insights", "itinerary", "multilingual", "payments",
                    "visitor_sense"):  # fmt: skip
        for file in _files(pool, service):
            for found in file.services_by_name.values():
                for method in found.methods:
                    assert method.name in names
                    yield f"{found.full_name}/{method.name}", method.input_type


def _files(pool: descriptor_pool.DescriptorPool, service: str) -> Iterator[FileDescriptor]:
    for path in sorted((ROOT / "proto" / "meguri" / service / "v1").glob("*_service.proto")):
        yield pool.FindFileByName(f"meguri/{service}/v1/{path.name}")


def _areas(message: Descriptor, path: str, depth: int = 0) -> Iterator[str]:
    for field in message.fields:
        here = f"{path}.{field.name}"
        said = field.name in {"area", "area_id", "areas"} or field.name.endswith("_area")
        if said and field.message_type is None:
            yield here
        if field.message_type is not None and depth < 4:
            yield from _areas(field.message_type, here, depth + 1)


def test_no_message_chooses_an_area() -> None:
    found = {path for _, request in methods() for path in _areas(request, request.name)}
    assert found == set(NAMED)


def test_there_are_many_methods_and_reads_among_them() -> None:
    names = [name for name, _ in methods()]
    assert len(names) > 150
    assert any(is_read(name) for name in names)

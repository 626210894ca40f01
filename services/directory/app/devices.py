"""Enrolled devices."""

from kit import log
from kit.ids import new_id
from kit.pure.errors import InvalidFields, NotFound
from kit.requests import RequestKey, once
from services.directory.app.deps import Deps, as_id
from services.directory.domain.user import Device, DeviceRevoked, DeviceUnusable, check_device
from services.directory.store import devices as store
from services.directory.store import places


async def enroll_device(
    deps: Deps, key: RequestKey, area: str, name: str, kind: str, place_id: str, public_key: bytes
) -> Device:
    """Enrolls a device by its public key. Errors: InvalidFields, NotFound."""
    check_device(name, kind, public_key)
    fresh = False
    async with deps.db.transaction(area) as tx:

        async def enroll() -> Device:
            nonlocal fresh
            fresh = True
            if place_id not in await places.read_parents(tx):
                raise NotFound(f"There is no place {place_id[:80]}.")
            if any(known.public_key == public_key for known in await store.list_devices(tx)):
                raise InvalidFields([("public_key", "this key is enrolled already")])
            device = Device(new_id(), name, kind, place_id, public_key, revoked=False, version=1)
            await store.insert_device(tx, device)
            return device

        device = await once(tx, key, Device, enroll)
    if fresh:
        log.security("device_enrolled", area=area, device_id=device.device_id, by=key.principal)
    return device


async def read_device(deps: Deps, area: str, device_id: str) -> Device:
    """Returns a device that may sign. Errors: InvalidFields, NotFound, DeviceUnusable."""
    device_id = as_id("device_id", device_id)
    async with deps.db.read(area) as tx:
        device = await store.read_device(tx, device_id)
    if device is None:
        raise NotFound("There is no such device.")
    if device.revoked:
        raise DeviceUnusable("This device was revoked.")
    return device


async def list_devices(deps: Deps, area: str) -> list[Device]:
    """Returns all devices of the area."""
    async with deps.db.read(area) as tx:
        return await store.list_devices(tx)


async def revoke_device(deps: Deps, key: RequestKey, area: str, device_id: str) -> Device:
    """Revokes a device for good; a repeat changes nothing. Errors: InvalidFields, NotFound."""
    device_id = as_id("device_id", device_id)
    changed = False
    async with deps.db.transaction(area) as tx:

        async def revoke() -> Device:
            nonlocal changed
            changed = await store.revoke_device(tx, device_id)
            device = await store.read_device(tx, device_id)
            if device is None:
                raise NotFound("There is no such device.")
            if changed:
                await deps.outbox.add(
                    tx,
                    DeviceRevoked(
                        area=area, aggregate_id=device_id, version=device.version,
                        occur_time=deps.clock.now(),
                    ),
                )  # fmt: skip
            return device

        device = await once(tx, key, Device, revoke)
    if changed:
        log.security("device_revoked", area=area, device_id=device.device_id, by=key.principal)
    return device

"""What `./meguri containers --kubernetes FOLDER` makes: secrets and the place, around infra/k8s.

FOLDER is a kustomization of its own: `kubectl apply -k FOLDER` brings an overlay of infra/k8s with
the secrets of this installation. It holds keys in plain: it belongs in no repository.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local import authority, bus_layout, files, nats, providers, valkey
from infra.local import home as homes
from infra.local.archive import Refused
from infra.local.bus_layout import SENSOR
from infra.local.home import ROOT, Home, Passwords
from infra.local.machine import OPERATOR
from infra.local.table import OPTIONS, PROVIDERS, SERVICES, by_name
from kit.own_key import own_key

K8S = ROOT / "infra" / "k8s"
SMALL, CLUSTER = "small", "cluster"
NATS_SERVERS = 3
NO_HOST = "meguri.invalid"
_PASSWORDS = "passwords.json"
# Keys of a service alone, by the name under which its folder of a data folder has them.
OWN = {
    "directory": ("second_factors",),
    "payments": ("audit_private.pem", "ticket_master"),
    "visitor_sense": (authority.GADGET_KEY,),
    "multilingual": ("review_links",),
}


@dataclass(frozen=True)
class Place:
    """Where it will run. overlay: SMALL or CLUSTER. host: of the pages, NO_HOST while unknown.
    registry, tag: where images come from; without a registry they are on the nodes."""

    area: str
    overlay: str = SMALL
    host: str = NO_HOST
    registry: str = ""
    tag: str = "latest"


def take_over(home: Home, data: Path) -> None:
    """Takes keys and passwords of an installation on one machine, which moves here.

    The password of visitor_sense's database login seals its opt-out list, tickets and links that
    are out there hang on the keys: an installation with others would not know its own again.
    """
    theirs = homes.read_object(data / "secrets" / _PASSWORDS)
    if theirs is None:
        raise Refused("no_installation", f"There is no data of Meguri in {data}")
    try:
        filled_in, given = providers.read(home.data), providers.read(data)
    except providers.ProvidersDamaged as error:
        raise Refused("providers_damaged", str(error)) from error
    if (home.secrets / _PASSWORDS).exists():
        _check_same(home, data, theirs)
    else:
        # Last what says that all is there, should it be stopped on the way.
        rest = shutil.ignore_patterns(_PASSWORDS)
        shutil.copytree(data / "secrets", home.secrets, dirs_exist_ok=True, ignore=rest)
        shutil.copy2(data / "secrets" / _PASSWORDS, home.secrets)
    if not filled_in:
        # Simulators for practice stay behind: in a cluster nobody would start them.
        left = providers.simulated(given)
        real = [provider for provider in PROVIDERS if f"{provider}_simulator" not in left]
        kept = {name: given[name] for each in real for name in PROVIDERS[each] if name in given}
        if kept:
            _write(home.data / providers.FILE, kept)


def _check_same(home: Home, data: Path, theirs: Mapping[str, Any]) -> None:
    """Errors: Refused where the folder knows a password otherwise; it may know more of them."""
    ours = homes.read_object(home.secrets / _PASSWORDS) or {}
    if not all(_holds(ours.get(name), value) for name, value in theirs.items()):
        raise Refused(
            "keys_present",
            f"{home.data} was made with other keys and passwords than those of {data}; nothing was"
            " changed. Name a folder that is not there yet; or, if nothing runs with these keys,"
            f" delete {home.secrets} and say it again",
        )


def _holds(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours | theirs == ours
    return bool(ours == theirs)


def make(home: Home, place: Place) -> Path:
    """Writes all of the folder and returns its kustomization; run again it keeps what is secret,
    options.env and providers.env."""
    home.make()
    passwords = homes.ensure_passwords(home)
    _make_keys(home)
    groups = {
        **_environments(home, passwords),
        **_certificates(),
        **_own_keys(),
        "token": {"token_public.pem": "secrets/token_public.pem"},
        "minter": {"token_private.pem": "secrets/token_private.pem"},
        "nats-conf": {"nats.conf": _nats(home, passwords, place)},
        "valkey-conf": {"valkey.conf": _valkey(home, passwords)},
    }
    _write_once(home.data / "options.env", ("MEGURI_LOG_LEVEL", *OPTIONS))
    _write_once(
        home.data / providers.FILE, [name for names in PROVIDERS.values() for name in names]
    )
    text = _kustomization(home, place, groups)
    files.write_private(home.data / "kustomization.yaml", text.encode())
    return home.data / "kustomization.yaml"


def _make_keys(home: Home) -> None:
    authority.ensure_token_keys(home.secrets)
    host = os.environ.get("MEGURI_MQTT_HOST", "") or "nats"
    names = [*SERVICES, "edge", "mqtt", OPERATOR]
    authority.ensure_certificates(home.secrets / "tls", names, {"mqtt": host})
    own_key(home.secrets / "ticket_master")
    own_key(home.secrets / "review_links")
    own_key(home.secrets / "second_factors")


def _environments(home: Home, passwords: Passwords) -> dict[str, dict[str, str]]:
    """Writes variables that are secret, a file for each component; returns them as groups."""
    bus = passwords.nats
    urls = {name: _database(name, name, passwords.databases[name]) for name in SERVICES}
    live = {"MEGURI_VALKEY_URL": f"redis://:{passwords.valkey}@valkey:6379/0"}
    values: dict[str, dict[str, str]] = {
        name: live | {"MEGURI_DATABASE_URL": urls[name], "MEGURI_NATS_PASSWORD": bus[name]}
        for name in SERVICES
    }
    values["visitor_sense"]["MEGURI_USHER_NATS_PASSWORD"] = bus[nats.USHER]
    before = os.environ.get("MEGURI_COOKIE_SECRETS_BEFORE", "")
    values["edge"] = live | {
        "MEGURI_NATS_PASSWORD": bus["edge"],
        "MEGURI_COOKIE_SECRET": passwords.cookie,
        "MEGURI_COOKIE_SECRETS_BEFORE": before,
    }
    values["prepare"] = {
        "MEGURI_ADMIN_DATABASE_URL": _database("meguri", "postgres", passwords.postgres),
        "MEGURI_NATS_PASSWORD": bus[OPERATOR],
        **{f"MEGURI_{name.upper()}_DATABASE_URL": url for name, url in urls.items()},
    }
    values["load"] = live | {
        "MEGURI_NATS_PASSWORD": bus[OPERATOR],
        "MEGURI_SENSOR_NATS_PASSWORD": bus[SENSOR],
    }
    values["valkey"] = {"REDISCLI_AUTH": passwords.valkey}
    login = {"username": "meguri", "password": passwords.postgres}
    groups = {}
    for name, variables in {**values, "postgres-login": login}.items():
        group = name if name == "postgres-login" else f"env-{_dashed(name)}"
        _write(home.data / "env" / f"{group}.env", variables)
        groups[group] = {"": f"env/{group}.env"}
    return groups


def _database(user: str, database: str, password: str) -> str:
    return f"postgresql://{user}:{password}@postgres:{by_name()['postgres'].port}/{database}"


def _certificates() -> dict[str, dict[str, str]]:
    return {
        f"tls-{_dashed(name)}": {
            file: f"secrets/tls/{name}/{file}" for file in ("ca.pem", "cert.pem", "key.pem")
        }
        for name in (*SERVICES, "edge", "mqtt", OPERATOR)
    }


def _own_keys() -> dict[str, dict[str, str]]:
    return {
        f"own-{_dashed(name)}": {file: f"secrets/{file}" for file in names}
        for name, names in OWN.items()
    }


def _nats(home: Home, passwords: Passwords, place: Place) -> str:
    door = nats.Gadgets(
        host="0.0.0.0", port=by_name()["nats"].mqtt_port, tls="/etc/meguri/tls",  # noqa: S104 - inside a container
        issuer=authority.gadget_issuer(home.secrets), usher=passwords.nats[nats.USHER],
    )  # fmt: skip
    hosts = [f"nats-{number}.nats-peers" for number in range(NATS_SERVERS)]
    peers = nats.Peers(hosts, passwords.nats[nats.PEER]) if place.overlay == CLUSTER else None
    users = bus_layout.users(passwords.nats)
    path = nats.write_config(home.data / "conf", users, "/data", door, peers)
    return str(path.relative_to(home.data))


def _valkey(home: Home, passwords: Passwords) -> str:
    path = valkey.write_config(home.data / "conf", passwords.valkey, "* -::*")
    return str(path.relative_to(home.data))


def _write(path: Path, variables: Mapping[str, str]) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    text = "".join(f"{name}={value}\n" for name, value in variables.items())
    files.write_private(path, text.encode())


def _write_once(path: Path, names: Iterable[str]) -> None:
    """Writes a file for people to fill in, unless they have it already."""
    if not path.exists():
        text = "# NAME=VALUE, one a line; these names are known:\n"
        files.write_private(path, (text + "".join(f"# {name}=\n" for name in names)).encode())


def _kustomization(home: Home, place: Place, groups: Mapping[str, Mapping[str, str]]) -> str:
    overlay = os.path.relpath(K8S / "overlays" / place.overlay, home.data.resolve())
    public_url = "" if place.host == NO_HOST else f"https://{place.host}"
    lines = [
        "# Made by ./meguri containers --kubernetes; kubectl apply -k brings it. Holds secrets.",
        "apiVersion: kustomize.config.k8s.io/v1beta1",
        "kind: Kustomization",
        "namespace: meguri",
        f"resources: [{overlay}]",
        *_images(place),
        "configMapGenerator:",
        "  - name: place",
        f"    literals: [area={place.area}, public_url={public_url}]",
        "  - name: options",
        "    envs: [options.env]",
        "secretGenerator:",
        "  - name: providers",
        f"    envs: [{providers.FILE}]",
        *(line for name, entries in groups.items() for line in _secret(name, entries)),
        "patches:",
        "  - target: {kind: Ingress, name: edge}",
        "    patch: |-",
        f"      - {{op: replace, path: /spec/tls/0/hosts/0, value: {place.host}}}",
        f"      - {{op: replace, path: /spec/rules/0/host, value: {place.host}}}",
    ]
    return "\n".join(lines) + "\n"


def _images(place: Place) -> list[str]:
    if not place.registry:
        return []
    images = [f"meguri-{_dashed(each.name)}" for each in by_name().values()
              if each.module and not (each.is_job or each.optional)]  # fmt: skip
    return [
        "images:",
        *(
            f"  - {{name: {name}, newName: {place.registry}/{name}, newTag: {place.tag!r}}}"
            for name in (*images, "meguri-platform")
        ),
    ]


def _secret(name: str, entries: Mapping[str, str]) -> list[str]:
    if "" not in entries:
        return [
            f"  - name: {name}",
            "    files:",
            *(f"      - {k}={v}" for k, v in entries.items()),
        ]
    lines = [f"  - name: {name}", f"    envs: [{entries['']}]"]
    if name == "postgres-login":  # the operator's resource names it, which kustomize cannot know
        lines += [
            "    type: kubernetes.io/basic-auth",
            "    options: {disableNameSuffixHash: true}",
        ]
    return lines


def _dashed(name: str) -> str:
    return name.replace("_", "-")

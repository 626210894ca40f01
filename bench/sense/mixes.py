"""Random crowds made of labelled captures, of which it is known who sent what.

The captures show one phone each, for about twenty minutes, close to the receivers. A mix lays
sessions of K phones over one another. Where K is larger than the number of phones at hand, a phone
takes part again as a *copy*: a session of it under other addresses, moved in time by up to half the
window (who comes late or leaves early). Every phone and copy is put at a distance of its own (0 to
40 dB weaker), for in the captures all lie on the same table. What this cannot give: phones that
move, other models than these, networks that phones know. Sequence numbers stay as they are.
"""

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.visitor_sense.domain.bursts import Heard
from services.visitor_sense.sensor.captures import read_frames
from services.visitor_sense.sensor.frames import BrokenFrame, FrameReader

WINDOW_MS = 1_200_000
FARTHEST_DB = 40.0
_KEY = b"labelled phones, laboratory only"
_PINTOR = re.compile(r"(?P<phone>[A-Z])-ts-(?P<session>.+?-mode[A-Z]+)")
# Of each phone its sessions, each in order of time from 0.
Phones = Mapping[str, Sequence[Sequence[Heard]]]


@dataclass(frozen=True)
class Mix:
    """A crowd. phones: who sent each frame; several copies of one phone are several."""

    heard: list[Heard]
    phones: list[int]

    @property
    def size(self) -> int:
        """Phones that were heard at all."""
        return len(set(self.phones))


def read_phones(folder: Path) -> Phones:
    """Reads pintor/PHONE/*.pcap and baccichet/*.pcap below a folder; empty where they are not.

    Files of one session on several channels are one session, as a sensor with several radios hears
    it. Addresses of Baccichet's set were replaced by its authors, so that their bit for made-up
    addresses says nothing: all count as made up, which these phones do.
    """
    files: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path in sorted(folder.glob("pintor/*/*.pcap")):
        if found := _PINTOR.match(path.name):
            files[found["phone"], found["session"]].append(path)
    for path in sorted(folder.glob("baccichet/*.pcap")):
        files[path.name.split("_")[0], ""].append(path)
    phones: dict[str, list[list[Heard]]] = defaultdict(list)
    for (phone, session), paths in files.items():
        heard = sorted(one for path in paths for one in _read(path, made_up=not session))
        if heard:
            begin = heard[0].time_ms
            phones[phone].append([one._replace(time_ms=one.time_ms - begin) for one in heard])
    return phones


def _read(path: Path, *, made_up: bool) -> Iterable[Heard]:
    reader = FrameReader(_KEY)
    for time_ms, link_type, frame in read_frames(path):
        try:
            probe = reader.read_probe(link_type, frame)
        except BrokenFrame:
            continue
        if probe is not None:
            yield Heard(
                time_ms, probe.pseudonym, probe.signature, probe.rssi_dbm, probe.frame_sequence,
                probe.randomized or made_up,
            )  # fmt: skip


def make_mix(phones: Phones, size: int, chance: random.Random) -> Mix:
    """Makes a crowd of so many phones; each is there once before any is there again."""
    names: list[str] = []
    while len(names) < size:
        some = sorted(phones)
        chance.shuffle(some)
        names += some
    mixed = []
    for number, name in enumerate(names[:size]):
        weaker = chance.uniform(-FARTHEST_DB, 0)
        salt = chance.getrandbits(62)
        half = WINDOW_MS // 2
        moved = 0 if number < len(phones) else chance.randrange(-half, half)
        for one in chance.choice(phones[name]):
            if 0 <= one.time_ms + moved < WINDOW_MS:
                signal = one.rssi_dbm + weaker + chance.uniform(-2.5, 2.5)
                here = one._replace(
                    time_ms=one.time_ms + moved,
                    pseudonym=one.pseudonym ^ salt,
                    rssi_dbm=5 * round(signal / 5) if one.rssi_dbm else 0,
                )
                mixed.append((here, number))
    mixed.sort(key=lambda one: one[0].time_ms)
    return Mix([one for one, _ in mixed], [number for _, number in mixed])


def v_measure(truth: Sequence[int], found: Sequence[int]) -> float:
    """Harmonic mean of homogeneity and completeness (Rosenberg and Hirschberg 2007)."""
    total = len(truth)
    classes, clusters, both = (
        Counter(truth),
        Counter(found),
        Counter(zip(truth, found, strict=True)),
    )

    def entropy(counts: Iterable[int]) -> float:
        return -sum(count / total * math.log(count / total) for count in counts)

    joint = entropy(both.values())
    in_classes, in_clusters = entropy(classes.values()), entropy(clusters.values())
    homogeneity = 1 - (joint - in_clusters) / in_classes if in_classes else 1.0
    completeness = 1 - (joint - in_classes) / in_clusters if in_clusters else 1.0
    both_good = homogeneity + completeness
    return 2 * homogeneity * completeness / both_good if both_good > 0 else 0.0

"""Counted pages reach the guide in batches; what failed is sent again under the same request id."""

from collections.abc import Sequence

from services.edge.scans import BATCH_AT_MOST, TRIES, ScanQueue, SeenStop


class Guide:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str, int]] = []
        self.away = False

    def take(self, area: str, request_id: str, batch: Sequence[SeenStop]) -> None:
        if self.away:
            raise ConnectionError
        self.sent.append((area, request_id, len(batch)))


def test_scans_are_batched_by_area() -> None:
    guide = Guide()
    queue = ScanQueue(guide.take)
    for number in range(BATCH_AT_MOST + 3):
        queue.count("mine" if number else "demo", "8WXC3", "ko", "ko")
    queue.flush()
    assert sorted((area, count) for area, _, count in guide.sent) == [
        ("demo", 1), ("mine", 2), ("mine", BATCH_AT_MOST),
    ]  # fmt: skip


def test_a_failed_batch_is_sent_again_once_under_the_same_id() -> None:
    guide = Guide()
    tried: list[str] = []

    def take(area: str, request_id: str, batch: Sequence[SeenStop]) -> None:
        tried.append(request_id)
        guide.take(area, request_id, batch)

    queue = ScanQueue(take)
    guide.away = True
    queue.count("mine", "8WXC3", "ko", "ko")
    queue.flush()
    queue.flush()
    guide.away = False
    queue.flush()
    queue.flush()
    assert len(guide.sent) == 1
    assert len(set(tried)) == 1


def test_a_batch_is_given_up_after_its_tries() -> None:
    tries = []

    def refuse(*batch: object) -> None:
        tries.append(batch)
        raise ConnectionError

    queue = ScanQueue(refuse)
    queue.count("mine", "8WXC3", "ko", "ko")
    for _ in range(TRIES + 5):
        queue.flush()
    assert len(tries) == TRIES


def test_of_the_header_only_the_first_wish_is_kept() -> None:
    seen: list[SeenStop] = []
    queue = ScanQueue(lambda _area, _id, batch: seen.extend(batch))
    queue.count("mine", "8WXC3", "zh-Hant-TW;q=0.9, en-US;q=0.8, x-my-secret", "zh-Hant")
    queue.count("mine", "8WXC3", "x" * 500, "ja")
    queue.flush()
    assert [scan.wished for scan in seen] == ["zh-Hant-TW", "x" * 35]

"""What goes on beside a scenario is ended with it, and its failure is the scenario's."""

import pytest

from chaos.beside import Beside


class Looks(Beside):
    """Looks as often as it may; breaks at the look that it is told."""

    def __init__(self, breaks_at: int = 0) -> None:
        super().__init__()
        self._breaks_at = breaks_at
        self.looks = 0

    def _work(self) -> None:
        while not self._ended.wait(0.001):
            self.looks += 1
            if self.looks == self._breaks_at:
                raise LookupError("nothing to be seen")


def test_it_ends_with_the_block() -> None:
    with Looks() as looks:
        while not looks.looks:
            pass
    seen = looks.looks
    assert not looks._thread.is_alive()
    assert looks.looks == seen


def test_what_broke_in_the_thread_is_raised_at_the_end() -> None:
    with pytest.raises(LookupError, match="nothing to be seen"), Looks(breaks_at=1) as looks:
        looks._thread.join(5)


def test_the_failure_of_the_block_itself_goes_first() -> None:
    def both() -> None:
        with Looks(breaks_at=1) as looks:
            looks._thread.join(5)
            raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        both()

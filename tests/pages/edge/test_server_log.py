"""The log of the edge says what is new, not that its own settings are meant."""

import inspect
import logging

import pytest
from granian import Granian
from granian.constants import Interfaces
from granian.server import mp

from services.edge.main import THREADS, is_news


def test_the_many_threads_are_no_news_and_other_warnings_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "Python threads" in inspect.getsource(mp)  # how the library says it
    log = logging.getLogger("_granian")
    log.addFilter(is_news)
    try:
        Granian("x:y", interface=Interfaces.WSGI, blocking_threads=THREADS)  # sets logs up anew
        log.warning("Configuration allows spawning up to 128 Python threads, which seems high")
        log.warning("worker 1 died")
        assert capsys.readouterr().out == "[WARNING] worker 1 died\n"
    finally:
        log.removeFilter(is_news)

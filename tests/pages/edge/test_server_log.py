"""The log of the edge says what is new, not that its own settings are meant."""

import logging

import pytest

from granian import Granian
from granian.constants import Interfaces

from services.edge.main import THREADS, is_news


def test_the_many_threads_are_no_news_and_other_warnings_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # Made first: its own setting up of logs must not take the filter away.
    server = Granian("x:y", interface=Interfaces.WSGI, blocking_threads=THREADS)
    log = logging.getLogger("_granian")
    log.addFilter(is_news)
    log.addHandler(caplog.handler)
    try:
        Granian("x:y", interface=Interfaces.WSGI, blocking_threads=THREADS)
        assert server.blocking_threads == THREADS
        log.warning("Configuration allows spawning up to 128 Python threads, which seems high")
        log.warning("worker 1 died")
        assert [record.message for record in caplog.records] == ["worker 1 died"]
    finally:
        log.removeHandler(caplog.handler)
        log.removeFilter(is_news)

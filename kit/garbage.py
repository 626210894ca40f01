"""How often Python looks for garbage in a process that serves."""

import gc

GARBAGE_AT = 20_000  # new objects; the default of 700 comes several times in each group of sales


def keep_what_is_here() -> None:
    """Takes all that is loaded for good: nobody is kept waiting while it is walked again.

    A collection of all that an edge holds takes 0.1 s, during which no page is sent.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AT)

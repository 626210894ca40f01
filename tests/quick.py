"""What makes thousands of small tests quick: importing this is enough."""

import gc

from kit import log

# Collections of a heap full of libraries find nothing and cost a twentieth of the run.
gc.freeze()
gc.set_threshold(50_000, 20, 20)

# Without this, structlog's tracebacks for people load and run a syntax highlighter.
log.configure("tests", "info")

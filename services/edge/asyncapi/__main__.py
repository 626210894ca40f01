"""Writes docs/events.md to stdout: `python -m services.edge.asyncapi > docs/events.md`."""

import sys

from services.edge.asyncapi.document import table

sys.stdout.write(table())

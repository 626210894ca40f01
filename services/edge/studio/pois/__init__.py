"""Sights and spots at the studio: all of them, one with its hours, a list of the town taken in.

`typed` is a POI as somebody types it, texts and not values; `hours` are its opening hours as rows;
`checked` turns it into a record or says beside each field what is wrong. `lists`, `sheets` and
`importing` are the pages.
"""

from services.edge.studio.pois import importing, lists, sheets

BLUEPRINTS = tuple(each.blueprint for each in (lists, importing, sheets))

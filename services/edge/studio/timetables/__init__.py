"""Timetables at the studio: typing lines by hand, taking in feeds, confirming, walks and taxis.

`typed` is a line as somebody types it, texts and not values; `fields` reads it from a form and from
what is kept; `changes` are the buttons of its page; `checked` turns it into a line or says beside
each field what is wrong. `lines`, `confirming`, `feeds`, `ways` and `pins` are the pages.
"""

from services.edge.studio.timetables import confirming, feeds, lines, live, pins, ways

BLUEPRINTS = tuple(each.blueprint for each in (lines, confirming, feeds, live, ways, pins))

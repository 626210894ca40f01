"""Team orienteering with time windows: which stops, on which day, in which order, at what time.

Follow one search: `problem.instance_of` checks what is asked and lays it out as arrays →
`engine.search` holds the budget → `anneal.anneal` takes visits out (`ruin`), fills up (`recreate`,
`insertion`) and keeps what is good enough → `tours` keeps all times right → `times` knows travel
and windows. The inner loops are plain Python that `compiled` may hand to numba.
"""

"""How long the edge waits for a plan."""

# Right after a start, on a busy machine, days are searched in plain Python.
PLAN_DEADLINE_S = 8.0
# As many searches as there are days, some of them twice.
SOJOURN_DEADLINE_S = 20.0

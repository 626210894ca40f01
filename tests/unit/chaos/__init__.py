"""Of the fault tests: the check that judges them, and what they write down."""

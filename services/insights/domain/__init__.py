"""Rules of counting: facts, roll-ups, withholding, and the figures of a day."""

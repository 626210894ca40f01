"""Reading what towns and the weather agency write in tables: pure rules, row by row."""

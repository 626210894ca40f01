"""Outside parties played for development, tests and practice; each a process of its own."""

"""The world outside this process: the worker processes that search."""

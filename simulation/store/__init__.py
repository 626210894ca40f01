"""A model of the databases: tables, rows that are locked, transactions that may end unsure.

It answers the very statements of the real store rooms, told apart by the hash of their text, and is
held against PostgreSQL by tests/service/simulation.
"""

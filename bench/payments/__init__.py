"""Payments against PostgreSQL's own pgbench and a gRPC echo, in the same run."""

"""Use cases of the office: closes, reconciliation, settlement, the audit chain, shops."""

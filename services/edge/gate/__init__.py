"""The gate: scans tickets, also where the network is gone."""

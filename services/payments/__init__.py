"""Payments: shops, payments, refunds and the ledger behind them."""

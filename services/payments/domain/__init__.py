"""Pure rules of payments: amounts, shops, the payment's life, the ledger, the receipt."""

"""Adyen's terminals: nexo messages through its cloud (docs.adyen.com, Terminal API)."""

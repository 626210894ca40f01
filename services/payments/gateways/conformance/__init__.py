"""One suite for every gateway: what it has to do on good days and bad ones of its provider."""

# The gateways that can be tried: here, so that a command names them without loading them.
NAMES = ("acquirer_simulator", "adyen", "paypay", "square")

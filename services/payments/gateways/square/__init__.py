"""Square Terminal API: card, FeliCa and wallets on one device (developer.squareup.com)."""

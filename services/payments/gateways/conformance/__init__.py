"""One suite for every gateway: what it has to do on good days and bad ones of its provider."""

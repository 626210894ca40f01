"""One's own login: another password, and where else one is signed in."""

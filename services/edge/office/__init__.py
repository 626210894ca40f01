"""The back office: closing a day, matching providers' files, settlement, audit, new shops."""

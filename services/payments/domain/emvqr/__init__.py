"""EMVCo payment codes: reading and making what a till shows, reading what a customer shows."""

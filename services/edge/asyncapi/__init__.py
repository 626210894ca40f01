"""The events of all services as one document: who says them, what they carry, who hears them."""

"""Use cases of the itinerary service."""

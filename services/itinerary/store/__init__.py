"""SQL of the itinerary service, and nothing but SQL."""

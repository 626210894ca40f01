"""`./meguri bench itinerary`: the search beside PyVRP and OR-Tools, and at phone size."""

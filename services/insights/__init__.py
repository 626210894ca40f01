"""What happened in an area, counted from the events of all services."""

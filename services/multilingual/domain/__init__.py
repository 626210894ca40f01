"""Rules of the guide; pure."""

"""What payments promises to others."""

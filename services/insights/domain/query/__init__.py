"""Questions that staff put together: a measure, split by something, of chosen days, compared."""

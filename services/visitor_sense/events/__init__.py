"""The NATS door of visitor sensing: events said and heard, observations, day keys, health."""

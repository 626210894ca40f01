"""Running Meguri: on one machine (local/) and in containers (Dockerfile)."""

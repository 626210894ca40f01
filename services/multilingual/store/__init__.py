"""SQL of the guide and nothing else."""

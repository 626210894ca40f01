"""What Prometheus and Grafana are given: which ports to ask, whom to wake when, what to draw."""

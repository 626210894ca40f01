"""The multilingual guide: stops, narrations, translation states, labels and scans."""

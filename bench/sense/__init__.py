"""Bench of visitor sensing: accuracy against counted people and labelled phones, and speed."""

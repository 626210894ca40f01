"""Adyen's cloud and a terminal behind it, with a customer in front."""

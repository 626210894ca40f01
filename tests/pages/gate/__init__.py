"""The gate page and the sale of tickets."""

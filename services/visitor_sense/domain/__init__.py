"""Pure rules of visitor sensing: days, sketches, hours, levels, sealing, estimates."""

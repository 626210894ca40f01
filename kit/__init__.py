"""The small library every process of Meguri stands on. It knows no noun of tourism or trade."""

"""The KPI book on pages and papers: aims, figures, numbered editions for the council."""

"""The supervisor: starts and keeps alive every process of Meguri on one machine."""

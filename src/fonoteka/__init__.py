"""Fonoteka: a self-hosted library of a company's phone calls."""

__version__ = "0.1.0"

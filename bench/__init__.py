"""Benches: `python -m bench.NAME`, each a comparison with something measured in the same run."""

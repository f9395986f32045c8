"""The `fonoteka` command: one command a file."""

from fonoteka.cli.main import main

__all__ = ["main"]

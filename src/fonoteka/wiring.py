"""The only composition root: settings in, running parts out."""

"""A SIPREC client (the SRC of RFC 7866): to try an installation, for the demo, for load."""

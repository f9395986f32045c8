"""The part that must not die: signalling, media, spool, recovery."""

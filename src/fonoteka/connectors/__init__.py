"""Sources of calls other than SIPREC; each brings what it finds through the same spool."""

"""Arrays in, arrays out: timeline, decoding, encoding, peaks, formats. No spool, no database."""

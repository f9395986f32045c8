"""Bytes ↔ values, sans I/O, never waiting: SIP, SDP, recording metadata, RTP, rtpdump."""

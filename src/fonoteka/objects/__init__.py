"""Blobs: the only room that knows obstore."""

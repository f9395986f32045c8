"""Blobs: the only room that knows obstore."""

from fonoteka.objects.object_store import BLOCK_BYTES, ObjectStore

__all__ = ["BLOCK_BYTES", "ObjectStore"]

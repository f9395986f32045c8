"""Blobs: the only room that knows obstore."""

from fonoteka.objects.object_store import BLOCK_BYTES, ObjectStore, Probe
from fonoteka.objects.s3 import S3Access

__all__ = ["BLOCK_BYTES", "ObjectStore", "Probe", "S3Access"]

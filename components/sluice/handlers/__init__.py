"""What runs on Lambda: boto3 and the standard library only, besides the plain parts of this package."""

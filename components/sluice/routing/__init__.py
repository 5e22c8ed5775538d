"""What applications import: boto3 and the standard library only."""

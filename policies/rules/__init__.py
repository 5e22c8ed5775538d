"""The policies, one a file: a new file is a new policy. See `rule.py` for their form."""

"""The sandbox: the program on an engine of its own, against an AWS on this machine."""

"""Lambda functions in the sandbox: a queue of what is to be run, and a process of this machine's that runs it."""

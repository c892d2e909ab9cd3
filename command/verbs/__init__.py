"""The verbs of the command: each adds its parser and runs with the parsed options."""

"""A whole deployment in memory: AWS's services as the project uses them, and faults at any call."""

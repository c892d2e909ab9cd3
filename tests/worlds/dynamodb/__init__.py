"""The parts of `MemoryDynamoDB`: values, expressions, tables, what they cost."""

"""What is right about one row, and what a row makes of an employee. No AWS, no clock, no other rows."""

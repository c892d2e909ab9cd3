"""DynamoDB as this project uses it: keys, values, writes whose failed conditions have a meaning, pages."""

"""The directory: what is kept of tenants, runs, employees, reference data and parked rows, and how it is written."""

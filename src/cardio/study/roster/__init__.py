"""A staff list as people have it: any separator, encoding and column names, CSV or XLSX."""

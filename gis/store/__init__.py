"""Every SQL statement of the product; one file per noun."""

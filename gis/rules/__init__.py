"""Pure rules: numbers and shapes in, numbers and findings out."""

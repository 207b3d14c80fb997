"""What is seen, written to files: the moving picture, its sound, its results."""

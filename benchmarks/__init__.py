"""What `make bench` measures: one short script per question, everything as ratios within one run."""

"""The programs that are compared. Each is started by `benchmarks.contest.Contestant` and answers to it."""

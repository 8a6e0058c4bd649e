"""What the suites of `python scripts/bench` share: peers in environments of their own, texts, rows, and the machine."""

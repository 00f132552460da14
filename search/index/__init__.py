"""The index: one contract, and the two engines that keep it."""

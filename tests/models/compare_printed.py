"""compare_printed.py NAME PRINTED ROWS: rows printed with five significant digits against an .npy file, in units of the
last printed digit. Fails where a difference is above one."""
import math
import sys

import numpy as np

name, printed, rows = sys.argv[1:4]
ours = np.load(rows)
lines = open(printed, encoding="utf-8").read().splitlines()
assert len(lines) == len(ours), f"{name}: {len(lines)} lines were printed, {len(ours)} rows were written"
worst = 0.0
for i, line in enumerate(lines):
    values = line.split()
    assert len(values) == ours.shape[1], f"{name}: line {i} has {len(values)} numbers"
    for text, own in zip(values, ours[i].tolist()):
        value = float(text)
        # what is printed as 0 is 0
        unit = 10.0 ** (math.floor(math.log10(abs(value))) - 4) if value else 1e-30
        worst = max(worst, abs(value - own) / unit)
print(f"{name}: {ours.shape[0]} x {ours.shape[1]}, largest difference {worst:.3f} units of the last printed digit")
assert worst <= 1, "more than one unit"

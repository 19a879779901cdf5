# SPDX-License-Identifier: MIT
what="numpy: temporaries of 8 MB and of some hundred bytes"
more_missing() { "$python" -c 'import numpy' 2>/dev/null || echo "python3-numpy is not installed"; }

prepare() {
    cat >work.py <<'PYTHON'
import numpy as np

a = np.arange(1000000, dtype=np.float64)
b = np.flip(a) / 7
total = 0.0
for i in range(12):
    c = (a * i + b) * (a - b) / (1 + np.abs(a - i)) + np.sqrt(b)
    total += float(c.sum())
    d = np.where(c > 1e5, c, b * 2)[:: i + 1].copy()
    total += float(np.sort(d)[d.size // 2])
rows = [np.arange(n % 200, dtype=np.float64) for n in range(60000)]
for n, row in enumerate(rows):
    total += float((row * 2 + n)[-1]) if row.size else 0.0
parts = np.concatenate(rows[::3])
m = np.outer(parts[:1500], parts[:1500]) % 17
total += float((m * 2 + m.T).sum())
print("%.6e" % total)
PYTHON
}

job() { OPENBLAS_NUM_THREADS=1 measured "$python" work.py; }

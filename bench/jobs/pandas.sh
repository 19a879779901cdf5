# SPDX-License-Identifier: MIT
what="pandas: CSV read, grouped, joined and sorted, 100,000 rows with strings"
more_missing() { "$python" -c 'import pandas' 2>/dev/null || echo "python3-pandas is not installed"; }

prepare() {
    cat >work.py <<'PYTHON'
import io
import pandas as pd

lines = ["id,name,group,amount"]
state = 1
for i in range(100000):
    state = state * 16807 % 2147483647
    lines.append("%d,name %x,g%d,%d.%d" % (i, state, state % 500, state % 1000, state % 7))
table = pd.read_csv(io.StringIO("\n".join(lines)))
groups = table.groupby("group")["amount"].agg(["sum", "mean", "count"]).reset_index()
joined = table.merge(groups, on="group")
joined["text"] = joined["name"].str.upper() + joined["group"]
joined = joined.sort_values(["amount", "text"])
pivot = joined.assign(tenth=joined["id"] // 10000).pivot_table(index="group", columns="tenth", values="amount", aggfunc="sum")
out = joined.head(50000).to_csv(index=False)
print(len(out), "%.4f" % pivot.fillna(0).to_numpy().sum(), joined["text"].iloc[777])
PYTHON
}

job() { OPENBLAS_NUM_THREADS=1 measured "$python" work.py 2>"$job_scratch/warnings" || { cat "$job_scratch/warnings" >&2; return 1; }; }

# SPDX-License-Identifier: MIT
what="python3: JSON of 30 MB written and read, with python's own allocator in front of malloc"
more_missing() { [ -n "$python" ] || echo "python3 is not installed"; }

prepare() {
    cat >work.py <<'PYTHON'
import hashlib, json

records = [{"id": i, "name": "name %d" % (i * 7919 % 100003), "tags": ["t%d" % (i % n) for n in range(1, 9)],
            "place": {"x": i / 7, "y": i * 3, "text": "x" * (i % 300)}} for i in range(80000)]
text = json.dumps(records)
again = json.loads(text)
again = [record for record in again if record["id"] % 3]
indented = json.dumps(again[:20000], indent=1, sort_keys=True)
print(len(text), hashlib.sha256((text + indented).encode()).hexdigest())
PYTHON
}

job() { measured "$python" work.py; }

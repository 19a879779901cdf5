# SPDX-License-Identifier: MIT
what="python3: dictionaries, lists and objects of classes, all by malloc (PYTHONMALLOC=malloc)"
more_missing() { [ -n "$python" ] || echo "python3 is not installed"; }

prepare() {
    cat >work.py <<'PYTHON'
class Node:
    def __init__(self, key, value):
        self.key, self.value, self.next = key, value, None

class Chain:
    def __init__(self):
        self.first, self.size = None, 0
    def push(self, key, value):
        node = Node(key, value)
        node.next, self.first = self.first, node
        self.size += 1
    def drop(self, odd):
        kept, node = None, self.first
        while node:
            after = node.next
            if node.key % 3 != odd:
                node.next, kept = kept, node
            node = after
        self.first = kept

chains = {}
for i in range(300000):
    chains.setdefault("chain %d" % (i * 7919 % 5003), Chain()).push(i, ("v" * (i % 40), i))
for n in range(2):
    for chain in chains.values():
        chain.drop(n)
words = {}
for i in range(300000):
    word = "%x" % (i * 2654435761 % 65537)
    words.setdefault(word, []).append(str(i))
joined = {word: "-".join(numbers) for word, numbers in words.items()}
total = sum(len(text) for text in joined.values())
for chain in chains.values():
    node = chain.first
    while node:
        total += len(node.value[0])
        node = node.next
print(len(chains), len(words), total)
PYTHON
}

job() { PYTHONHASHSEED=1 PYTHONMALLOC=malloc measured "$python" work.py; }

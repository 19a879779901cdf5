# SPDX-License-Identifier: MIT
"""For python.yaml: a day's orders of a shop as lines of JSON, and what is made of them."""
import collections
import io
import json
import random
import re
import zlib

ORDERS = 20000
NAMES = [a + b for a in ("kar", "mel", "tor", "vin", "sol") for b in ("a", "en", "ix", "ona", "us")]


def make_lines(source):
    """Orders of one to eight articles, with a remark of any length."""
    for number in range(ORDERS):
        articles = [{"name": source.choice(NAMES), "price": source.randint(100, 99999), "count": source.randint(1, 9)}
                    for _ in range(source.randint(1, 8))]
        remark = " ".join(source.choices(NAMES, k=int(source.paretovariate(1.2)) % 200))
        yield json.dumps({"order": number, "customer": source.randrange(3000), "articles": articles, "remark": remark})


def total(order):
    return sum(article["price"] * article["count"] for article in order["articles"])


def main():
    text = "\n".join(make_lines(random.Random(1)))
    orders = [json.loads(line) for line in text.splitlines()]
    by_customer = collections.defaultdict(list)
    for order in orders:
        by_customer[order["customer"]].append(order)
    words = collections.Counter(word for order in orders for word in re.findall(r"\w+", order["remark"]))
    report = io.StringIO()
    for customer, theirs in sorted(by_customer.items(), key=lambda item: -sum(map(total, item[1]))):
        theirs.sort(key=total, reverse=True)
        report.write(f"{customer};{len(theirs)};{sum(map(total, theirs))};{theirs[0]['remark'][:60]}\n")
    packed = zlib.compress(report.getvalue().encode())
    print(len(orders), len(by_customer), words.most_common(3), len(packed))


if __name__ == "__main__":
    main()

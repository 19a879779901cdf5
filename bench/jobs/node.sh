# SPDX-License-Identifier: MIT
what="node: JSON, maps, and buffers of many sizes packed by zlib"
needs=node

prepare() {
    cat >work.js <<'JS'
const zlib = require("zlib"), crypto = require("crypto");
const hash = crypto.createHash("sha256");
const records = [];
for (let i = 0; i < 60000; i++) records.push({ id: i, name: "name " + (i * 7919) % 100003, tags: Array.from({ length: i % 7 }, (_, n) => "t" + n * i) });
const text = JSON.stringify(records);
const again = JSON.parse(text).filter((record) => record.id % 3);
const names = new Map();
for (const record of again) names.set(record.name, (names.get(record.name) || "") + record.tags.join());
hash.update([...names.values()].join("\n"));
const kept = [];
for (let i = 0; i < 4000; i++) {
    const packed = zlib.deflateSync(text.slice(i * 400, i * 400 + 200 + (i % 50) * 60), { level: 6 });
    if (i % 4 === 0) kept.push(packed, Buffer.alloc(i * 8, i % 256));
    hash.update(zlib.inflateSync(packed));
}
for (const buffer of kept) hash.update(buffer);
console.log(text.length, names.size, kept.length, hash.digest("hex"));
JS
}

job() { measured node --single-threaded work.js; }

# SPDX-License-Identifier: MIT
what="lua: trees of tables, strings, closures, and their collection"
more_missing() { first_program lua5.4 lua5.3 lua >/dev/null || echo "lua is not installed"; }

prepare() {
    cat >work.lua <<'LUA'
local function tree(depth)
    if depth == 0 then return {} end
    return {tree(depth - 1), tree(depth - 1), name = "d" .. depth}
end
local function count(node)
    local n = 1
    for i = 1, #node do n = n + count(node[i]) end
    return n
end
local kept, total = tree(16), 0
for round = 1, 25 do total = total + count(tree(14)) end
local words = {}
for i = 1, 300000 do
    local word = string.format("%x", i * 2654435761 % 100003)
    words[word] = (words[word] or "") .. (i % 10)
end
local list = {}
for word, text in pairs(words) do list[#list + 1] = word .. text end
table.sort(list)
local calls = {}
for i = 1, 100000 do calls[i] = function(x) return x + i end end
for i = 1, #calls do total = total + calls[i](1) end
print(total + count(kept), #list, list[1], list[#list], #table.concat(list))
LUA
}

job() { measured "$(first_program lua5.4 lua5.3 lua)" work.lua; }

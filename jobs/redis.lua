-- SPDX-License-Identifier: MIT
-- For redis.yaml: fills a server with values of mixed sizes, short ones being more frequent; deletes every other one and stores it again with
-- another size. The keys are those of redis-benchmark -r 500000.
local COUNT, BATCH, SIZES = 500000, 400, 61

local values = {}
for i = 0, SIZES - 1 do
    values[i] = string.rep('v', 16 + math.floor(1000 * (i / (SIZES - 1)) ^ 3))
end

local function send(command, words, count)
    if count > 0 then
        redis.call(command, unpack(words, 1, count))
    end
    return 0
end

local function fill(first, step, shift)
    local words, count = {}, 0
    for i = first, COUNT - 1, step do
        words[count + 1], words[count + 2] = string.format('key:%012d', i), values[(i * 7 + shift) % SIZES]
        count = count + 2
        if count == BATCH then
            count = send('MSET', words, count)
        end
    end
    send('MSET', words, count)
end

local function drop(first, step)
    local words, count = {}, 0
    for i = first, COUNT - 1, step do
        count = count + 1
        words[count] = string.format('key:%012d', i)
        if count == BATCH then
            count = send('DEL', words, count)
        end
    end
    send('DEL', words, count)
end

fill(0, 1, 0)
drop(0, 2)
fill(0, 2, 30)
return redis.call('DBSIZE')

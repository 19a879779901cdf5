# SPDX-License-Identifier: MIT
what="ruby: objects, hashes, strings, sorting"
needs=ruby

prepare() {
    cat >work.rb <<'RUBY'
Entry = Struct.new(:id, :name, :tags)
entries = (0...120000).map { |i| Entry.new(i, "name #{i * 7919 % 100003}", (1..i % 8).map { |n| "tag #{n * i % 1009}" }) }
by_tag = Hash.new { |hash, key| hash[key] = [] }
entries.each { |entry| entry.tags.each { |tag| by_tag[tag] << entry.name } }
entries.reject! { |entry| entry.id % 3 == 0 }
text = by_tag.sort.map { |tag, names| "#{tag}: #{names.uniq.sort.first(50).join(', ')}" }
words = text.join("\n").scan(/\w+/).tally
big = (0...40000).map { |i| "x" * (i % 700) }
puts entries.size, by_tag.size, text.sum(&:size), words.size, words.values.max, big.sum(&:size)
RUBY
}

job() { measured ruby work.rb; }

// SPDX-License-Identifier: MIT
// For g++.yaml: work for the compiler.
#include <algorithm>
#include <array>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

template <int N> struct record {
    int key;
    std::string name;
    std::array<int, N> numbers;
    bool operator<(const record &other) const { return std::tie(key, name) < std::tie(other.key, other.name); }
};

template <int N> std::string work(const std::string &text)
{
    std::map<std::string, std::vector<record<N>>> by_name;
    std::map<int, std::shared_ptr<record<N>>> by_key;
    std::istringstream in(text);
    for (std::string word; in >> word;) {
        record<N> one{static_cast<int>(word.size()) * 7919 % 1000, word, {}};
        std::iota(one.numbers.begin(), one.numbers.end(), N);
        by_key[one.key] = std::make_shared<record<N>>(one);
        by_name[word].push_back(std::move(one));
    }
    std::ostringstream out;
    std::function<void(const record<N> &)> print = [&](const record<N> &one) { out << one.name << one.key << '\n'; };
    for (auto &[name, records] : by_name) {
        std::stable_sort(records.begin(), records.end());
        std::for_each(records.begin(), records.end(), print);
    }
    return out.str() + std::to_string(by_key.size());
}

int main(int argc, char **argv)
{
    std::string text;
    for (int i = 0; i < argc; i++)
        text += std::string(argv[i]) + ' ';
    std::cout << work<1>(text);
}

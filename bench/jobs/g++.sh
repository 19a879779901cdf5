# SPDX-License-Identifier: MIT
what="g++ -O2 of a file full of templates"
needs=g++

prepare() {
    cat >work.cc <<'CC'
#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

template <int N> struct entry {
    std::tuple<int, std::string, entry<N - 1> *> fields;
    std::map<int, std::vector<entry<N - 1>>> children;
    std::unordered_map<std::string, std::function<int(entry<N - 1> &)>> calls;
    int total()
    {
        int sum = std::get<0>(fields);
        for (auto &[key, list] : children)
            for (auto &child : list)
                sum += key + child.total();
        return sum;
    }
};
template <> struct entry<0> {
    int value = 1;
    int total() { return value; }
};
template <int... N> int totals(std::integer_sequence<int, N...>)
{
    return (std::tuple<entry<N>...>{}, ... , entry<N>{}.total());
}
int matches(const std::string &text) { return std::regex_search(text, std::regex("(a|b)+c[0-9]*")); }
int work() { return totals(std::make_integer_sequence<int, 12>{}); }
CC
}

job() { measured g++ -std=c++17 -O2 -S -o "$job_scratch/work.s" work.cc && cksum <"$job_scratch/work.s"; }

#include "nearest.hpp"

#include <algorithm>
#include <cstddef>

namespace command {
namespace {

/// Letters alone: "Max_Errors" is near "max-errors".
std::string plain(std::string_view word) {
    std::string text;
    for (const char c : word) {
        text += c == '_' ? '-' : (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

/// How many letters must be changed, added, left out or swapped with their neighbour (optimal string alignment).
std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({changed, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    constexpr std::size_t longest = 64;
    if (word.size() > longest) {
        return "";
    }
    const std::string wanted = plain(word);
    const std::string* nearest = nullptr;
    std::size_t least = std::max<std::size_t>(wanted.size() / 3, 1) + 1;
    for (const std::string& each : known) {
        const std::string candidate = plain(each);
        const bool is_start = wanted.size() >= 3 && candidate.rfind(wanted, 0) == 0;
        const std::size_t n = is_start ? 1 : distance(wanted, candidate);
        if (n < least) {
            least = n;
            nearest = &each;
        }
    }
    return nearest == nullptr ? "" : " (did you mean '" + *nearest + "'?)";
}

}  // namespace command

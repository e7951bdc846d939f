#include "support/ranks.hpp"

#include <kaygraph/base/codec.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace kaygraph::test {
namespace {

Runtime& kept_ranks() {
    static Runtime ranks;
    return ranks;
}

std::map<std::string, RaiseAnew, std::less<>>& exceptions() {
    static std::map<std::string, RaiseAnew, std::less<>> known;
    return known;
}

void know_common_exceptions() {
    know_exception<std::runtime_error>();
    know_exception<std::logic_error>();
    know_exception<std::domain_error>();
    know_exception<std::invalid_argument>();
    know_exception<std::out_of_range>();
    know_exception<std::overflow_error>();
}

}  // namespace

const Runtime& ranks() {
    return kept_ranks();
}
void set_ranks(Runtime ranks) {
    kept_ranks() = std::move(ranks);
}

std::vector<std::string> all_texts(const std::string& own) {
    std::vector<std::string> texts;
    if (n_ranks() == 1) {
        return {own};
    }
    for (const std::vector<std::byte>& bytes : ranks().communicator()->allgather(encode(own))) {
        texts.push_back(decode<std::string>(bytes));
    }
    return texts;
}

std::uint64_t sum_over_ranks(std::uint64_t own) {
    std::uint64_t sum = 0;
    for (const std::string& text : all_texts(std::to_string(own))) {
        sum += std::stoull(text);
    }
    return sum;
}

void know_exception(const std::type_info& type, RaiseAnew raise) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name{
        abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free};
    exceptions().insert_or_assign(name.get(), raise);
}

void raise_original(const DistributedError& error) {
    know_common_exceptions();
    const auto found = exceptions().find(error.failure().type);
    if (found != exceptions().end()) {
        found->second(error.failure());
    }
    throw error;
}

}  // namespace kaygraph::test

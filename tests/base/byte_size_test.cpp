#include <kaygraph/base/byte_size.hpp>

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace foreign {
struct Blob {
    std::size_t n;
};
std::size_t byte_size(const Blob& blob) {
    return 1000 + blob.n;
}
}  // namespace foreign

namespace kaygraph {
namespace {

struct Sized {
    std::size_t n = 7;
    [[nodiscard]] std::size_t byte_size() const { return n; }
};

TEST(ByteSize, CountsWhatAValueOwns) {
    EXPECT_EQ(bytes_of(3.5), sizeof(double));
    EXPECT_EQ(bytes_of(std::vector<int>(100)), sizeof(std::vector<int>) + 400);
    EXPECT_EQ(bytes_of(std::string("short")), sizeof(std::string));
    const std::string text(1000, 'x');
    EXPECT_EQ(bytes_of(text), sizeof(std::string) + text.capacity() + 1);
    EXPECT_EQ(bytes_of(Sized{}), 7U);
    EXPECT_EQ(bytes_of(foreign::Blob{5}), 1005U);
    EXPECT_EQ(bytes_of(std::vector<Sized>(3)), sizeof(std::vector<Sized>) + 3 * sizeof(Sized));
}

TEST(ByteSize, GoesDeep) {
    const std::string text(1000, 'x');
    const std::size_t heap = bytes_of(text) - sizeof(std::string);
    EXPECT_EQ(
        bytes_of(std::vector<std::string>(3, text)), sizeof(std::vector<int>) + 3 * bytes_of(text)
    );
    EXPECT_EQ(bytes_of(std::optional{text}), sizeof(std::optional<std::string>) + heap);
    EXPECT_EQ(
        bytes_of(std::variant<int, std::string>{text}),
        sizeof(std::variant<int, std::string>) + heap
    );
    EXPECT_EQ(
        bytes_of(std::tuple{1, text, text}),
        sizeof(std::tuple<int, std::string, std::string>) + 2 * heap
    );
    EXPECT_EQ(
        bytes_of(std::make_shared<std::string>(text)), sizeof(std::shared_ptr<int>) + bytes_of(text)
    );
    EXPECT_GT((bytes_of(std::map<int, std::string>{{1, text}, {2, text}})), 2 * heap);
}

TEST(ByteSize, AViewOwnsNothing) {
    const std::vector<int> numbers(1000);
    EXPECT_EQ(bytes_of(std::span{numbers}), sizeof(std::span<const int>));
}

TEST(ByteSize, AStringOwnsMemoryAsSoonAsItDoesNotFitInPlace) {
    for (std::size_t length = 1; length < 64; ++length) {
        std::string text(length, 'x');
        const auto* self = reinterpret_cast<const char*>(&text);
        const bool in_place = text.data() >= self && text.data() < self + sizeof(text);
        EXPECT_EQ(bytes_of(text), sizeof(text) + (in_place ? 0 : text.capacity() + 1)) << length;
    }
}

}  // namespace
}  // namespace kaygraph

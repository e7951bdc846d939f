#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// @file
/// Sets of pieces of text with ids, for finding all pieces that a text starts with.

namespace kaygraph::models::detail {

/// A trie over bytes; several sets may share one, each with a root of its own.
/// @par Threads Any thread may search.
class ByteTrie {
public:
    using Node = std::uint32_t;
    static constexpr Node nowhere = 0;
    static constexpr std::uint32_t no_id = 0xFFFFFFFF;

    /// Most nodes: a node and a byte make a key of 32 bits.
    static constexpr std::size_t max_nodes = std::size_t{1} << 24U;

    /// `expected_bytes`: about how long all pieces are together.
    explicit ByteTrie(std::size_t expected_bytes);

    [[nodiscard]] Node add_root();

    /// Adds a piece that is not empty. Returns false where it is there, or where the trie is full.
    [[nodiscard]] bool add(Node root, std::string_view piece, std::uint32_t id);

    /// Returns the node that follows by a byte, or nowhere.
    [[nodiscard]] Node next(Node node, char byte) const noexcept {
        const std::uint32_t key = key_of(node, byte);
        for (std::size_t slot = slot_of(key);; slot = (slot + 1) & mask_) {
            if (edges_[slot].key == key) {
                return edges_[slot].child;
            }
            if (edges_[slot].key == 0) {
                return nowhere;
            }
        }
    }
    /// The id of the piece that ends at a node, or no_id.
    [[nodiscard]] std::uint32_t id_at(Node node) const noexcept { return ids_[node]; }

    [[nodiscard]] std::uint32_t find(Node root, std::string_view piece) const noexcept;

    struct Match {
        std::uint32_t id = no_id;
        std::size_t length = 0;
    };
    /// Returns the longest piece that a text starts with; length 0 for none.
    [[nodiscard]] Match longest(Node root, std::string_view text) const noexcept;

private:
    struct Edge {
        std::uint32_t key = 0;  // a node is at least 1, so no key is 0
        Node child = nowhere;
    };

    static std::uint32_t key_of(Node node, char byte) noexcept {
        return node << 8U | static_cast<unsigned char>(byte);
    }
    [[nodiscard]] std::size_t slot_of(std::uint32_t key) const noexcept {
        return (key * std::uint64_t{0x9E3779B97F4A7C15}) >> shift_;
    }
    void put(Edge edge) noexcept;
    void grow();

    std::vector<Edge> edges_;
    std::vector<std::uint32_t> ids_;
    std::size_t n_edges_ = 0;
    std::size_t mask_ = 0;
    unsigned shift_ = 0;
};

}  // namespace kaygraph::models::detail

#include "models/byte_trie.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace kaygraph::models::detail {

ByteTrie::ByteTrie(std::size_t expected_bytes)
    : edges_(std::bit_ceil(std::clamp<std::size_t>(expected_bytes, 256, max_nodes))),
      ids_(1, no_id),
      mask_(edges_.size() - 1),
      shift_(64U - static_cast<unsigned>(std::bit_width(mask_))) {}

ByteTrie::Node ByteTrie::add_root() {
    ids_.push_back(no_id);
    return static_cast<Node>(ids_.size() - 1);
}

void ByteTrie::put(Edge edge) noexcept {
    std::size_t slot = slot_of(edge.key);
    while (edges_[slot].key != 0) {
        slot = (slot + 1) & mask_;
    }
    edges_[slot] = edge;
}

void ByteTrie::grow() {
    const std::vector<Edge> old = std::exchange(edges_, std::vector<Edge>(edges_.size() * 2));
    mask_ = edges_.size() - 1;
    --shift_;
    for (const Edge& edge : old) {
        if (edge.key != 0) {
            put(edge);
        }
    }
}

bool ByteTrie::add(Node root, std::string_view piece, std::uint32_t id) {
    Node node = root;
    for (const char byte : piece) {
        Node child = next(node, byte);
        if (child == nowhere) {
            if (ids_.size() == max_nodes) {
                return false;
            }
            if (++n_edges_ > edges_.size() / 2) {
                grow();
            }
            child = add_root();
            put({key_of(node, byte), child});
        }
        node = child;
    }
    if (ids_[node] != no_id) {
        return false;
    }
    ids_[node] = id;
    return true;
}

std::uint32_t ByteTrie::find(Node root, std::string_view piece) const noexcept {
    Node node = root;
    for (const char byte : piece) {
        node = next(node, byte);
        if (node == nowhere) {
            return no_id;
        }
    }
    return ids_[node];
}

ByteTrie::Match ByteTrie::longest(Node root, std::string_view text) const noexcept {
    Match best;
    Node node = root;
    for (std::size_t i = 0; i < text.size(); ++i) {
        node = next(node, text[i]);
        if (node == nowhere) {
            break;
        }
        if (ids_[node] != no_id) {
            best = {ids_[node], i + 1};
        }
    }
    return best;
}

}  // namespace kaygraph::models::detail

// Prints the ids of texts, a text a line of hexadecimal UTF-8 in and a line of numbers out: for peers.
#include <kaygraph/models/tokenizer.hpp>

#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

unsigned digit(char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

std::string from_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(digit(hex[i]) << 4U | digit(hex[i + 1])));
    }
    return bytes;
}

int print_ids(const char* tokenizer_file, const char* texts_file) {
    const auto tokenizer = kaygraph::models::load_tokenizer(tokenizer_file);
    const auto scratch = tokenizer->make_scratch();
    std::ifstream texts{texts_file};
    std::vector<std::uint32_t> ids;
    for (std::string line; std::getline(texts, line);) {
        ids.clear();
        tokenizer->encode(from_hex(line), ids, *scratch);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            std::cout << (i == 0 ? "" : " ") << ids[i];
        }
        std::cout << '\n';
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " TOKENIZER_JSON TEXTS\n";
        return 2;
    }
    try {
        return print_ids(argv[1], argv[2]);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}

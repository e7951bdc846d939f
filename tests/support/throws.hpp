#pragma once

#include "support/ranks.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <string>

namespace kaygraph::test {

/// Runs something that must throw an E, and returns what() of it.
template <class E, class F>
std::string thrown(F&& body) {
    try {
        body();
    } catch (const std::exception& error) {
        const std::string text = error.what();
        if (dynamic_cast<const E*>(&error) != nullptr) {
            return text;
        }
        if (n_ranks() > 1 && dynamic_cast<const NodeError*>(&error) != nullptr) {
            // the failure of an item that another rank ran: it has kept its text
            return text.substr(0, text.rfind(" [item"));
        }
        ADD_FAILURE() << "another exception was thrown: " << text;
        return "";
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
}

/// Asserts that an error has an E nested inside, or what another rank told of one.
template <class E>
void expect_nested(const std::exception& error) {
    thrown<E>([&] { std::rethrow_if_nested(error); });
}

/// Asserts that a message holds all parts, so that it says what it must.
template <class... Parts>
void expect_says(const std::string& message, const Parts&... parts) {
    for (const std::string& part : {std::string{parts}...}) {
        EXPECT_NE(message.find(part), std::string::npos)
            << "missing: " << part << "\nin: " << message;
    }
}

}  // namespace kaygraph::test

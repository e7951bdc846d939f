#pragma once

#include "support/ranks.hpp"

#include <kaygraph/base/error.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <string>

namespace kaygraph::test {

/// Runs something that must throw an E, here or on another rank, and returns what() of it.
template <class E, class F>
std::string thrown(F&& body) {
    try {
        body();
    } catch (const std::exception& error) {
        const std::string text = error.what();
        if (is<E>(error)) {
            return text;
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

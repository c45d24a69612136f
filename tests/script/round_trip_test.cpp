/// What is printed can be read, and whatever is read is read without harm.

#include <rapidcheck.h>

#include <string>

#include <gtest/gtest.h>

#include "arbitrary.hpp"
#include "knell/script/parse.hpp"
#include "knell/script/print.hpp"

namespace knell::script {
namespace {

TEST(RoundTrip, OfAnyScript) {
  EXPECT_TRUE(rc::check("parse(print(script)) is the script", [] {
    const Script script = test::Maker().script();
    const std::string text = print(script);
    RC_LOG() << text;
    const Parsed parsed = parse_all(text, "made");
    for (const Error& error : parsed.errors) RC_LOG() << error.message() << "\n";
    RC_ASSERT(parsed.errors.empty());
    RC_ASSERT(print(parsed.script) == text);
    RC_ASSERT(parsed.script == script);
  }));
}

TEST(RoundTrip, OfAnyStepAlone) {
  EXPECT_TRUE(rc::check("without knowing the names", [] {
    const Script script = test::Maker().script();
    for (Step step : script.steps) {
      step.remarks.clear();
      const std::string text = print(step);
      const Result<Step> back = parse_step(text);
      const bool has_user = text.find("alice") != text.npos || text.find("bob") != text.npos;
      if (has_user) continue;  // which no line can know alone
      RC_LOG() << text << "\n";
      RC_ASSERT(back.has_value());
      RC_ASSERT(*back == step);
    }
  }));
}

/// Bytes, and pieces of the language in any order.
rc::Gen<std::string> anything() {
  using rc::gen::element;
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
          element<std::string>("init", "init:", "job", " ", " ", " ", "\n", "\n", "kill", "fork",
                               "clone", "->", "=", "expect", ",", "{", "}", "#", "-", "-job",
                               "group:", "handled", "from", "returned", "exited", "tty", "type",
                               "^C"),
          element<std::string>("TERM", "0", "-1", "99999999999999999999", "0x",
                               "0xffffffffffffffff", "exit=", "raw", "sigaction", "mask", "all",
                               "none", "pass", "ms", "9223372036854775807s", "user", "version",
                               "oom", "lock", "\t", "\r"),
          rc::gen::map(rc::gen::inRange(0, 256),
                       [](int byte) { return std::string(1, static_cast<char>(byte)); }))),
      [](const std::vector<std::string>& parts) {
        std::string all;
        for (const std::string& part : parts) all += part;
        return all;
      });
}

/// Under the sanitizers this also says that nothing is read out of bounds.
TEST(Anything, IsReadAndEitherUnderstoodOrRefused) {
  EXPECT_TRUE(rc::check("and what was understood can be printed", [] {
    const std::string text = *anything();
    const Parsed parsed = parse_all(text, "any");
    for (const Error& error : parsed.errors) RC_ASSERT(error.object.starts_with("any:"));
    RC_ASSERT(parse(text).has_value() == parsed.errors.empty());
    if (!parsed.errors.empty()) return;
    const Result<Script> back = parse(print(parsed.script));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == parsed.script);
  }));
}

}  // namespace
}  // namespace knell::script

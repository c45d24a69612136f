/// docs/scenario.md: its example holds, and it has every word of the language.

#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "knell/script/forms.hpp"
#include "play.hpp"

namespace knell::script {
namespace {

using testing::HasSubstr;

std::string manual() {
  std::ifstream file(KNELL_SOURCE_DIR "/docs/scenario.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Manual, ItsExampleHolds) {
  const std::string text = manual();
  const std::size_t begin = text.find("```\n") + 4;
  const std::string example = text.substr(begin, text.find("```", begin) - begin);
  EXPECT_THAT(example, HasSubstr("expect job handled TERM"));
  test::end_of(example);
}

TEST(Manual, HasEveryCallAndEveryWordOfIt) {
  const std::string text = manual();
  for (const Form& form : forms()) {
    if (form.word == "sigprocmask") continue;  // it stands there as block, unblock, setmask
    EXPECT_THAT(text, testing::ContainsRegex("`" + std::string(form.word) + "[` ]"));
    if (form.word == "clone") continue;  // of its flags only those that are modelled
    for (const Slot& slot : form.slots)
      for (const Choice& choice : slot.choices)
        EXPECT_THAT(text, HasSubstr(std::string(choice.word))) << form.word;
  }
}

/// The error for a fact that is none lists all there are.
TEST(Manual, HasEveryFact) {
  const std::string text = manual();
  for (const char* subject : {"init", "tty", "lock 0", "semaphore 0"}) {
    const Result<Step> step = parse_step("expect " + std::string(subject) + " zzzzzzzz");
    ASSERT_FALSE(step);
    std::string_view all = step.error().hint;
    all.remove_prefix(std::string_view("one can expect: ").size());
    ASSERT_FALSE(all.empty());
    while (!all.empty()) {
      const std::string fact(all.substr(0, all.find(", ")));
      EXPECT_THAT(text, testing::ContainsRegex("[` ]" + fact + "[` ]")) << subject;
      all.remove_prefix(std::min(all.size(), fact.size() + 2));
    }
  }
}

}  // namespace
}  // namespace knell::script

#include "knell/compat/request_lists.hpp"

#include <unistd.h>

#include "knell/compat/typed_number.hpp"
#include "knell/live/accounts.hpp"

namespace knell::compat {
namespace {

using Numbers = Criteria::Numbers;
using Texts = Criteria::Texts;

using Convert = std::optional<std::int64_t> (*)(const std::string&);

std::optional<std::int64_t> as_number(const std::string& word) {
  return typed_number<std::int64_t>(word);
}
std::optional<std::int64_t> as_group(const std::string& word) {
  const auto number = as_number(word);
  return number == 0 ? ::getpgrp() : number;
}
std::optional<std::int64_t> as_session(const std::string& word) {
  const auto number = as_number(word);
  return number == 0 ? ::getsid(0) : number;
}
std::optional<std::int64_t> as_uid(const std::string& word) {
  if (const auto number = as_number(word)) return number;
  const auto uid = live::uid_of_user(word);
  return uid ? std::optional<std::int64_t>(uid->value()) : std::nullopt;
}
std::optional<std::int64_t> as_gid(const std::string& word) {
  if (const auto number = as_number(word)) return number;
  const auto gid = live::gid_of_group(word);
  return gid ? std::optional<std::int64_t>(gid->value()) : std::nullopt;
}

struct List {
  std::string_view option;
  Numbers Criteria::* numbers;
  Convert convert;
  std::string_view complaint;
};
constexpr List kLists[] = {
    {"pid", &Criteria::pids, as_number, "not a number: "},
    {"parent", &Criteria::parents, as_number, "not a number: "},
    {"pgroup", &Criteria::groups, as_group, "invalid process group: "},
    {"session", &Criteria::sessions, as_session, "invalid session id: "},
    {"euid", &Criteria::euids, as_uid, "invalid user name: "},
    {"uid", &Criteria::uids, as_uid, "invalid user name: "},
    {"group", &Criteria::gids, as_gid, "invalid group name: "},
};

struct TextList {
  std::string_view option;
  Texts Criteria::* texts;
};
constexpr TextList kTextLists[] = {
    {"terminal", &Criteria::terminals},
    {"cgroup", &Criteria::cgroups},
    {"env", &Criteria::environment},
};

}  // namespace

Understood<Criteria::Texts> texts_in(std::string_view list) {
  Texts texts;
  while (!list.empty())
    if (const std::string_view text = live::take(list, ','); !text.empty())
      texts.emplace_back(text);
  if (texts.empty()) return needs_help("invalid empty list");
  return texts;
}

Understood<bool> take_list(Criteria& criteria, const Given& given) {
  for (const TextList& list : kTextLists) {
    if (!given.is(list.option)) continue;
    auto texts = texts_in(given.value);
    if (!texts) return std::unexpected(texts.error());
    criteria.*list.texts = std::move(*texts);
    return true;
  }
  for (const List& list : kLists) {
    if (!given.is(list.option)) continue;
    const auto texts = texts_in(given.value);
    if (!texts) return std::unexpected(texts.error());
    (criteria.*list.numbers).clear();
    for (const std::string& text : *texts) {
      const auto number = list.convert(text);
      if (!number) return wrong(std::string(list.complaint) + text);
      (criteria.*list.numbers).push_back(*number);
    }
    return true;
  }
  return false;
}

}  // namespace knell::compat

#include "knell/report/plan_sections.hpp"

#include <array>
#include <cstring>
#include <vector>

#include "knell/report/list.hpp"
#include "knell/report/numbers.hpp"
#include "knell/report/words.hpp"

namespace knell::report {
namespace {

using plan::ConnectionLost;
using plan::Consequence;
using plan::Effect;
using plan::Forecast;
using plan::LockFreed;
using plan::Orphan;
using plan::PortFreed;
using plan::Restarter;
using plan::Spared;

const char* consequence_words(Effect effect) {
  switch (effect) {
    case Effect::dies:
      return "dies";
    case Effect::handler:
      return "its handler decides";
    case Effect::blocked:
      return "blocks it";
    case Effect::ignored:
      return "ignores it";
    case Effect::no_effect:
      return "nothing comes of it";
    case Effect::stops:
      return "stops";
    case Effect::continues:
      return "goes on";
    case Effect::already_ended:
      return "zombie already";
    case Effect::not_permitted:
      return "not permitted";
    case Effect::immune:
      return "immune to it";
    case Effect::tracer:
      return "its tracer decides";
    case Effect::waits:
      return "cannot take it yet";
  }
  return "";
}

class Sections {
public:
  Sections(Page& page, const Forecast& forecast, const Names& names)
      : page_(page), style_(page.style()), plan_(forecast), names_(names) {}

  void all() {
    list(page_, "Also reaches", plan_.consequences.size(), [&](auto i) { return consequence(i); });
    list(page_, "Breaks", plan_.connections.size(), [&](auto i) { return connection(i); });
    list(page_, "Orphans", plan_.orphans.size(), [&](auto i) { return orphan(i); });
    list(page_, "Starts again", plan_.restarters.size(), [&](auto i) { return restarter(i); });
    gives_back();
    stays_open();
    list(page_, "Unlocks", plan_.locks.size(), [&](auto i) { return lock(i); });
    list(page_, "Spared", plan_.spared.size(), [&](auto i) { return spared(i); });
    not_read();
  }

private:
  /// " (4243 worker)": whose it is, where the plan has more than one process.
  [[nodiscard]] Text owner(ProcessId id) const {
    if (plan_.processes.size() < 2) return {};
    return Text(" (").add(names_.of(id)).add(")");
  }

  [[nodiscard]] Text consequence(std::size_t at) const {
    const Consequence& reached = plan_.consequences[at];
    Text text = names_.of(reached.id, reached.name).add(": ");
    if (!reached.why.empty()) text.add(prose(reached.why, style_) + "; ");
    return text.add(consequence_words(reached.effect));
  }

  [[nodiscard]] Text connection(std::size_t at) const {
    const ConnectionLost& lost = plan_.connections[at];
    return Text(std::string(word(lost.protocol)) + " ")
        .add(address_text(lost.protocol, lost.local_address, lost.local_port, style_))
        .add(" <-> ")
        .add(address_text(lost.protocol, lost.remote_address, lost.remote_port, style_))
        .add(owner(lost.owner));
  }

  [[nodiscard]] Text orphan(std::size_t at) const {
    const Orphan& orphan = plan_.orphans[at];
    return names_.of(orphan.id, orphan.name)
        .add(" goes to ")
        .add(names_.of(orphan.new_parent, orphan.new_parent_name));
  }

  [[nodiscard]] Text restarter(std::size_t at) const {
    const Restarter& restarter = plan_.restarters[at];
    Text text =
        restarter.process
            ? names_.of(*restarter.process, restarter.name)
            : Text().add({foreign_name(restarter.name, style_), Ink::plain, Span::Kind::name});
    return restarter.how.empty() ? text : text.add(": " + prose(restarter.how, style_));
  }

  [[nodiscard]] Text port(const PortFreed& port) const {
    return Text(std::string(word(port.protocol)) + " ")
        .add(address_text(port.protocol, port.address, port.port, style_));
  }

  void gives_back() {
    std::vector<Text> items;
    if (plan_.private_bytes > 0) items.emplace_back(bytes_text(plan_.private_bytes) + " of memory");
    if (plan_.open_files > 0)
      items.emplace_back(count_text(plan_.open_files, "open file", "open files"));
    std::vector<Text> ports;
    for (const PortFreed& freed : plan_.ports)
      if (freed.kept_by.empty()) ports.push_back(port(freed));
    const std::size_t shown = shown_of(ports.size(), style_);
    items.insert(items.end(), ports.begin(), ports.begin() + static_cast<std::ptrdiff_t>(shown));
    if (items.empty()) return;
    Text text;
    for (const Text& item : items) text.add(text.empty() ? "" : ", ").add(item);
    if (shown < ports.size())
      text.add(" and " + count_text(ports.size() - shown, "more port", "more ports"));
    entry(page_, "Gives back", text);
  }

  void stays_open() {
    std::vector<const PortFreed*> kept;
    for (const PortFreed& freed : plan_.ports)
      if (!freed.kept_by.empty()) kept.push_back(&freed);
    list(page_, "Stays open", kept.size(), [&](std::size_t at) {
      Text text = port(*kept[at]).add(": also held by ").add(names_.of(kept[at]->kept_by.front()));
      const std::size_t others = kept[at]->kept_by.size() - 1;
      return others == 0 ? text : text.add(" and " + count_text(others) + " more");
    });
  }

  [[nodiscard]] Text lock(std::size_t at) const {
    const LockFreed& freed = plan_.locks[at];
    Text text;
    if (freed.path.empty()) {
      text.add("inode " + std::to_string(freed.lock.file.inode));
    } else {
      text.add({foreign(freed.path, style_), Ink::plain, Span::Kind::path});
    }
    const FileLock::Type type = freed.lock.type;
    const std::string kind = type == FileLock::Type::other ? "lock" : word(type);
    text.add(" (" + kind);
    if (plan_.processes.size() > 1) text.add(", ").add(names_.of(freed.owner));
    return text.add(")");
  }

  [[nodiscard]] Text spared(std::size_t at) const {
    const Spared& spared = plan_.spared[at];
    const char* reason = "";
    switch (spared.reason) {
      case Spared::Reason::knell_itself:
        reason = ": knell itself";
        break;
      case Spared::Reason::ancestor_of_knell:
        reason = ": an ancestor of knell";
        break;
      case Spared::Reason::init:
        reason = ": init";
        break;
      case Spared::Reason::kernel_thread:
        reason = ": a kernel thread";
        break;
    }
    return names_.of(spared.id, spared.name).add(reason);
  }

  void not_read() {
    const std::string label = "Not read";
    list(page_, label, plan_.unread.size(), [&](std::size_t at) {
      const Unread& unread = plan_.unread[at];
      std::string words = prose(unread.what, style_);
      if (unread.count > 0) words += " of " + count_text(unread.count, "process", "processes");
      std::array<char, 128> buffer{};
      if (unread.number != 0)  // the GNU strerror_r: returns the text
        words += std::string(": ") + strerror_r(unread.number, buffer.data(), buffer.size());
      return Text(std::move(words));
    });
    if (!plan_.summary_only) return;
    entry(page_, plan_.unread.empty() ? label : "",
          Text("open files and memory of " +
               count_text(plan_.processes.size(), "process", "processes") +
               " (--verbose reads them)"));
  }

  Page& page_;
  const Style& style_;
  const Forecast& plan_;
  const Names& names_;
};

}  // namespace

void plan_sections(Page& page, const Forecast& forecast, const Names& names) {
  Sections(page, forecast, names).all();
}

}  // namespace knell::report

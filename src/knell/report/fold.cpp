#include "knell/report/fold.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace knell::report {
namespace {

using Processes = std::vector<plan::ProcessForecast>;

/// How many processes stand below each: they follow it in the list, being deeper.
std::vector<std::size_t> sizes_below(const Processes& processes) {
  std::vector<std::size_t> below(processes.size(), 0);
  std::vector<std::size_t> open;  // whose end has not come yet
  auto close_until = [&](std::size_t at, std::size_t depth) {
    while (!open.empty() && processes[open.back()].depth >= depth) {
      below[open.back()] = at - open.back() - 1;
      open.pop_back();
    }
  };
  for (std::size_t i = 0; i < processes.size(); ++i) {
    close_until(i, processes[i].depth);
    open.push_back(i);
  }
  close_until(processes.size(), 0);
  return below;
}

class Folding {
public:
  Folding(const Processes& processes, const std::vector<std::string>& looks)
      : processes_(processes),
        below_(sizes_below(processes)),
        kind_(processes.size()),
        more_(processes.size(), 0),
        hidden_(processes.size(), false) {
    // Children first: what a process is like depends on what stands below it.
    for (std::size_t i = processes.size(); i-- > 0;) kind_[i] = kind_of(i, looks[i]);
    hide_alike(0, processes.size());
    for (std::size_t i = 0; i < processes.size(); ++i) hide_alike(i + 1, i + 1 + below_[i]);
  }

  [[nodiscard]] std::vector<TreeLine> lines() const {
    std::vector<TreeLine> result;
    std::vector<std::size_t> pending;  // shown, and followed by a count once its subtree is done
    auto finish = [&](std::size_t at) {
      while (!pending.empty() && pending.back() + below_[pending.back()] < at) {
        const std::size_t first = pending.back();
        pending.pop_back();
        result.push_back(
            {TreeLine::Kind::alike, first, processes_[first].depth, more_[first], below_[first]});
      }
    };
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      finish(i);
      if (hidden_[i]) {
        i += below_[i];
        continue;
      }
      result.push_back({TreeLine::Kind::process, i, processes_[i].depth});
      if (more_[i] > 0) pending.push_back(i);
    }
    finish(processes_.size());
    return result;
  }

private:
  using Shape = std::pair<std::string, std::vector<std::size_t>>;

  std::size_t kind_of(std::size_t process, const std::string& looks) {
    Shape shape{looks, {}};
    for_children(process + 1, process + 1 + below_[process],
                 [&](std::size_t child) { shape.second.push_back(kind_[child]); });
    return kinds_.emplace(std::move(shape), kinds_.size()).first->second;
  }

  template <class Function>
  void for_children(std::size_t begin, std::size_t end, Function function) const {
    for (std::size_t child = begin; child < end; child += below_[child] + 1) function(child);
  }

  /// Hides all but the first of the siblings in [begin, end) that are alike, if that saves lines.
  void hide_alike(std::size_t begin, std::size_t end) {
    std::unordered_map<std::size_t, std::vector<std::size_t>> alike;
    for_children(begin, end, [&](std::size_t child) { alike[kind_[child]].push_back(child); });
    for (const auto& [kind, members] : alike) {
      const std::size_t saved = (members.size() - 1) * (below_[members.front()] + 1);
      if (saved < 2) continue;  // the line that counts them takes one
      more_[members.front()] = members.size() - 1;
      for (std::size_t i = 1; i < members.size(); ++i) hidden_[members[i]] = true;
    }
  }

  const Processes& processes_;
  std::vector<std::size_t> below_;
  std::map<Shape, std::size_t> kinds_;
  std::vector<std::size_t> kind_;
  std::vector<std::size_t> more_;
  std::vector<bool> hidden_;
};

std::size_t processes_in(const TreeLine& line) {
  return line.kind == TreeLine::Kind::process ? 1 : line.count * (line.below + 1);
}

}  // namespace

std::vector<TreeLine> fold(const plan::Forecast& forecast, const std::vector<std::string>& looks,
                           std::size_t most) {
  const Processes& processes = forecast.processes;
  std::vector<TreeLine> lines;
  if (processes.size() <= most) {
    for (std::size_t i = 0; i < processes.size(); ++i)
      lines.push_back({TreeLine::Kind::process, i, processes[i].depth});
    return lines;
  }
  lines = Folding(processes, looks).lines();
  if (lines.size() <= most) return lines;
  std::size_t rest = 0;
  for (std::size_t i = most - 1; i < lines.size(); ++i) rest += processes_in(lines[i]);
  lines.resize(most - 1);
  lines.push_back({TreeLine::Kind::rest, 0, 0, rest});
  return lines;
}

}  // namespace knell::report

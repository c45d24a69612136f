#include "knell/report/tree.hpp"

#include <algorithm>

#include "knell/report/fold.hpp"
#include "knell/report/numbers.hpp"
#include "knell/report/unicode.hpp"

namespace knell::report {
namespace {

using plan::Forecast;
using plan::ProcessForecast;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kGap = 2;
constexpr std::size_t kBranch = 3;  // columns of one level of the tree

struct Branches {
  std::string_view more, last, tied_more, tied_last, line;
};
constexpr Branches kUnicode{"├─ ", "└─ ", "├~ ", "└~ ", "│  "};
constexpr Branches kAscii{"|- ", "`- ", "|~ ", "`~ ", "|  "};

struct Row {
  TreeLine line;
  std::size_t depth = 0;  ///< as drawn
  bool last = true;       ///< of its siblings, as drawn
  std::string lead;       ///< branches
  std::string hang;       ///< branches of the lines that go on
  Text label;             ///< number and name
  Text words;             ///< what becomes of it
};

class Tree {
public:
  Tree(Page& page, const Forecast& forecast, const std::vector<Text>& effects, const Names& names)
      : page_(page), style_(page.style()), forecast_(forecast), effects_(effects), names_(names) {}

  void draw() {
    uniform_ = effects_.size() > 1 && std::ranges::all_of(effects_, [&](const Text& effect) {
                 return effect.plain() == effects_.front().plain();
               });
    make_rows();
    find_last();
    for (std::size_t i = 0; i < rows_.size(); ++i)
      branch(rows_[i], i + 1 < rows_.size() && rows_[i + 1].depth > rows_[i].depth);
    const std::size_t label = label_room();
    if (uniform_) page_.line(Text("Each of them: ").add(effects_.front()));
    page_.blank_line();
    for (const Row& row : rows_) put(row, label);
  }

private:
  void make_rows() {
    const std::size_t deepest = page_.width() * 3 / 10 / kBranch;
    for (const TreeLine& line : lines()) {
      Row& row = rows_.emplace_back();
      row.line = line;
      row.depth = std::min(line.depth, deepest);
      if (line.kind == TreeLine::Kind::process) {
        describe(row, line.depth > deepest);
      } else if (line.kind == TreeLine::Kind::alike) {
        row.words = alike_text(line);
      } else {
        const std::string count = count_text(line.count, "more process", "more processes");
        row.words = Text(std::string(ellipsis(style_)) + " and " + count + " (--verbose shows all)",
                         Ink::dim);
      }
    }
  }

  [[nodiscard]] std::vector<TreeLine> lines() const {
    const std::size_t count = forecast_.processes.size();
    std::vector<std::string> looks(count);
    for (std::size_t i = 0; i < count; ++i) {
      const ProcessForecast& process = forecast_.processes[i];
      looks[i] = process.name + '\0' + effects_[i].plain() + note_text(process, style_).plain();
    }
    return fold(forecast_, looks, style_.verbose ? count : kMostLines);
  }

  void describe(Row& row, bool too_deep) const {
    const ProcessForecast& process = forecast_.processes[row.line.process];
    const bool named = process.role == plan::Role::named;
    row.label = Text(std::to_string(process.id.pid.value()) + " ", named ? Ink::bold : Ink::plain);
    row.label.add({foreign_name(process.name, style_), Ink::plain, Span::Kind::name});
    if (!uniform_) row.words = effects_[row.line.process];
    append(row.words, note_text(process, style_));
    if (!too_deep || !process.parent || *process.parent >= forecast_.processes.size()) return;
    const ProcessId parent = forecast_.processes[*process.parent].id;
    append(row.words, Text("(child of " + std::to_string(parent.pid.value()) + ")", Ink::dim));
  }

  static void append(Text& text, const Text& more) {
    if (!text.empty() && !more.empty()) text.add(" ");
    text.add(more);
  }

  [[nodiscard]] Text alike_text(const TreeLine& line) const {
    Text text(std::string(ellipsis(style_)) + " and " + count_text(line.count) + " more like ");
    text.add(names_.of(forecast_.processes[line.process].id));
    if (line.below == 0) return text;
    return text.add(", each with " + count_text(line.below, "descendant", "descendants"));
  }

  void find_last() {
    // From the end: whose depth has been seen since a shallower one is not the last.
    std::vector<bool> seen;
    for (std::size_t i = rows_.size(); i-- > 0;) {
      const std::size_t depth = rows_[i].depth;
      seen.resize(depth + 1, false);
      rows_[i].last = !seen[depth];
      seen[depth] = true;
    }
  }

  void branch(Row& row, bool has_children) {
    const Branches& draw = style_.unicode ? kUnicode : kAscii;
    const std::string_view below = has_children ? draw.line : "   ";
    going_on_.resize(row.depth + 1, false);
    going_on_[row.depth] = !row.last;
    for (std::size_t level = 1; level < row.depth; ++level)
      row.lead += going_on_[level] ? draw.line : "   ";
    row.hang = row.lead;
    if (row.depth > 0) row.hang += row.last ? "   " : draw.line;
    row.hang += below;
    if (row.depth == 0) return;
    const bool tied = row.line.kind == TreeLine::Kind::process &&
                      forecast_.processes[row.line.process].role == plan::Role::tied;
    if (tied) {
      row.lead += row.last ? draw.tied_last : draw.tied_more;
    } else {
      row.lead += row.last ? draw.last : draw.more;
    }
  }

  /// Names get what they need, as long as what becomes of the processes then fits beside them; but
  /// two fifths of the width in any case.
  [[nodiscard]] std::size_t label_room() const {
    std::size_t label = 0;
    std::size_t words = 0;
    for (const Row& row : rows_) {
      if (row.label.empty()) continue;
      label = std::max(label, row.depth * kBranch + row.label.columns());
      words = std::max(words, row.words.columns());
    }
    const std::size_t width = page_.width() - kIndent;
    if (words == 0) return std::min(label, width);
    const std::size_t left = width - std::min(width, words + kGap);
    return std::min(label, std::max(left, width * 2 / 5));
  }

  void put(const Row& row, std::size_t label_room) {
    const Text indent(std::string(kIndent, ' '));
    Text lead = Text(indent).add(row.lead, Ink::dim);
    Text hang = Text(indent).add(row.hang, Ink::dim);
    if (row.line.kind != TreeLine::Kind::process) return page_.row(lead, hang, row.words);
    const std::size_t room = label_room - std::min(label_room, row.depth * kBranch);
    const Text label = fitted(row.label, room);
    lead.add(label);
    if (!row.words.empty())
      lead.add(std::string(room - std::min(room, label.columns()) + kGap, ' '));
    page_.row(lead, aligned(hang, lead.columns()), row.words);
    if (style_.verbose) {
      const Text more = details(forecast_.processes[row.line.process]);
      if (!more.empty()) page_.row(hang, hang, more);
    }
  }

  static Text aligned(const Text& text, std::size_t width) {
    return Text(text).add(std::string(width - std::min(width, text.columns()), ' '));
  }

  /// "uid 1000, 12.3 MiB, 7 files: nginx -g daemon off;"
  [[nodiscard]] Text details(const ProcessForecast& process) const {
    std::string facts;
    auto fact = [&](const std::string& words) { facts += (facts.empty() ? "" : ", ") + words; };
    if (has(process.known, Known::status)) fact("uid " + std::to_string(process.uid.value()));
    if (has(process.known, Known::memory)) fact(bytes_text(process.private_bytes));
    if (has(process.known, Known::files)) fact(count_text(process.open_files, "file", "files"));
    Text text(facts, Ink::dim);
    if (process.command.empty()) return text;
    if (!facts.empty()) text.add(": ", Ink::dim);
    return text.add({foreign(process.command, style_), Ink::dim, Span::Kind::name});
  }

  /// The number stays whole, the name is cut.
  [[nodiscard]] Text fitted(const Text& label, std::size_t room) const {
    const Span& pid = label.spans()[0];
    const Span& name = label.spans()[1];
    const std::size_t left = room - std::min(room, columns(pid.text));
    return Text(pid.text, pid.ink).add({cut(name.text, left, style_), name.ink, name.kind});
  }

  Page& page_;
  const Style& style_;
  const Forecast& forecast_;
  const std::vector<Text>& effects_;
  const Names& names_;
  bool uniform_ = false;
  std::vector<Row> rows_;
  std::vector<bool> going_on_;  ///< per level, whether siblings follow
};

}  // namespace

void tree(Page& page, const Forecast& forecast, const std::vector<Text>& effects,
          const Names& names) {
  Tree(page, forecast, effects, names).draw();
}

}  // namespace knell::report

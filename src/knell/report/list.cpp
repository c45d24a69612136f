#include "knell/report/list.hpp"

#include "knell/report/numbers.hpp"

namespace knell::report {
namespace {

constexpr std::size_t kLabelColumns = 14;

}  // namespace

std::size_t shown_of(std::size_t count, const Style& style, std::size_t limit) {
  return style.verbose || count <= limit + 1 ? count : limit;
}

Text more_text(std::size_t count, std::size_t shown, const Style& style) {
  if (shown >= count) return {};
  return Text(std::string(ellipsis(style)) + " and " + count_text(count - shown) + " more",
              Ink::dim);
}

void entry(Page& page, const std::string& label, const Text& body, Ink label_ink) {
  Text lead(label, label_ink);
  lead.add(std::string(kLabelColumns - label.size(), ' '));
  page.row(lead, Text(std::string(kLabelColumns, ' ')), body);
}

void list(Page& page, const std::string& label, std::size_t count,
          const std::function<Text(std::size_t)>& text) {
  const std::size_t shown = shown_of(count, page.style());
  for (std::size_t i = 0; i < shown; ++i) entry(page, i == 0 ? label : "", text(i));
  if (shown < count) entry(page, "", more_text(count, shown, page.style()));
}

Text address_text(Protocol protocol, const std::string& address, std::uint16_t port,
                  const Style& style) {
  if (protocol == Protocol::unix_stream) {
    if (address.empty()) return Text("an unnamed socket");
    return Text().add({foreign(address, style), Ink::plain, Span::Kind::path});
  }
  const bool six = protocol == Protocol::tcp6 || protocol == Protocol::udp6;
  Text text(six ? "[" : "");
  text.add({foreign(address, style), Ink::plain, Span::Kind::name});
  return text.add((six ? "]:" : ":") + std::to_string(port));
}

}  // namespace knell::report

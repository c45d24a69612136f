#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "knell/report/manual.hpp"

namespace knell::report {
namespace {

/// Words that scdoc(1) is to take as they are.
std::string plain(std::string_view words) {
  std::string escaped;
  for (const char each : words) {
    if (each == '_' || each == '*' || each == '\\' || each == '[' || each == '#' || each == '.')
      escaped += '\\';
    escaped += each;
  }
  return escaped;
}

std::string title(std::string name) {
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string heading(std::string_view words) {
  std::string text = "# ";
  for (const char each : words)
    text += static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
  return text + "\n\n";
}

std::string value_of(const Option& option) {
  if (option.value.empty()) return "";
  const bool joined = option.optional && !option.name.empty();
  const std::string value = "_" + option.value + "_";
  if (option.optional) return fmt::format("\\[{}{}\\]", joined ? "=" : "", value);
  return " " + value;
}

std::string option_text(const Option& option) {
  std::string text;
  if (option.letter != 0) text += fmt::format("*-{}*", option.letter);
  if (option.letter != 0 && !option.name.empty()) text += ", ";
  if (!option.name.empty()) text += "*--" + option.name + "*";
  return fmt::format("{}{}\n\t{}.\n\n", text, value_of(option), plain(option.help));
}

std::string paragraph_text(const std::string& paragraph) {
  if (paragraph.starts_with(' ')) return "```\n" + paragraph + "\n```\n\n";
  if (const std::size_t tab = paragraph.find('\t'); tab != std::string::npos)
    return fmt::format("*{}*\n\t{}\n\n", plain(paragraph.substr(0, tab)),
                       plain(paragraph.substr(tab + 1)));
  return plain(paragraph) + "\n\n";
}

}  // namespace

std::string scdoc_text(const Manual& manual) {
  const std::string name = title(manual.name);
  std::string text = fmt::format("{}(1) \"knell {}\" \"Knell\"\n\n", name, KNELL_VERSION);
  text += heading("Name") + fmt::format("{} - {}\n\n", plain(name), plain(manual.summary));
  if (!manual.synopsis.empty()) text += heading("Synopsis");
  for (const std::string& each : manual.synopsis)
    text += fmt::format("*{}* {}++\n", manual.name, plain(each));
  if (!manual.synopsis.empty()) text.replace(text.size() - 3, 3, "\n\n");
  if (!manual.options.empty()) text += heading("Options");
  for (const Option& option : manual.options) text += option_text(option);
  for (const Section& section : manual.sections) {
    text += heading(section.heading);
    for (const std::string& paragraph : section.paragraphs) text += paragraph_text(paragraph);
  }
  text.erase(text.find_last_not_of('\n') + 1);
  return text + "\n";
}

}  // namespace knell::report

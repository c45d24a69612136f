/// Any bytes are a scenario or are refused; what was understood can be printed and read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "knell/script/parse.hpp"
#include "knell/script/print.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace knell;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const script::Parsed parsed = script::parse_all(text, "any");
  for (const Error& error : parsed.errors)
    if (!error.object.starts_with("any:")) std::abort();
  if (!parsed.errors.empty()) return 0;
  const Result<script::Script> again = script::parse(script::print(parsed.script));
  if (!again || *again != parsed.script) std::abort();
  return 0;
}

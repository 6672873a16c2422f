#include "protocol/member_slice.h"

namespace pawprint::protocol {
namespace {

// Just behind the string whose opening quote is at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// Just behind the value that starts at `at`: at the comma or bracket that ends it, or at white space before
// that.
std::size_t skip_value(std::string_view text, std::size_t at) {
  constexpr std::string_view kScalarEnd = ",]} \t\r\n";
  std::size_t depth = 0;
  do {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      --depth;
      ++at;
    } else if (depth > 0) {
      ++at;
    } else {
      return text.find_first_of(kScalarEnd, at);
    }
  } while (depth > 0);
  return at;
}

}  // namespace

std::string_view member_slice(std::string_view object_text, std::size_t index) {
  std::size_t at = object_text.find('{') + 1;
  for (std::size_t member = 0;; ++member) {
    at = skip_string(object_text, object_text.find('"', at));
    const std::size_t start = object_text.find_first_not_of(" \t\r\n:", at);
    at = skip_value(object_text, start);
    if (member == index) return object_text.substr(start, at - start);
  }
}

std::string_view element_slice(std::string_view array_text, std::size_t index) {
  std::size_t at = array_text.find('[') + 1;
  for (std::size_t element = 0;; ++element) {
    const std::size_t start = array_text.find_first_not_of(" \t\r\n,", at);
    at = skip_value(array_text, start);
    if (element == index) return array_text.substr(start, at - start);
  }
}

}  // namespace pawprint::protocol

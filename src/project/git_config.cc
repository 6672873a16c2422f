#include "project/git_config.h"

#include <algorithm>

#include "base/format.h"

namespace pawprint::project {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_name(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

class ConfigReader {
 public:
  explicit ConfigReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  Result<std::vector<GitSetting>> read() {
    for (skip_blank(); at_ < text_.size(); skip_blank()) {
      const bool good = text_[at_] == '[' ? read_section() : read_setting();
      if (!good) return broken();
    }
    return std::move(settings_);
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }

  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void skip_blank() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '#' || text_[at_] == ';') skip_line();
      if (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) == std::string_view::npos)
        return;
    }
  }

  std::unexpected<Error> broken() const {
    const auto breaks = std::ranges::count(text_.substr(0, at_), '\n');
    Error error;
    error.kind = ErrorKind::invalid;
    error.line = static_cast<int>(breaks) + 1;
    error.message = fmt::format("not a git configuration (line {})", error.line);
    return std::unexpected(std::move(error));
  }

  bool read_section() {
    section_.clear();
    subsection_.clear();
    for (++at_; is_name(peek()) || peek() == '.'; ++at_) section_ += lower(peek());
    // The older form [section.subsection].
    if (const auto dot = section_.find('.'); dot != std::string::npos) {
      subsection_ = section_.substr(dot + 1);
      section_.resize(dot);
    }
    while (peek() == ' ' || peek() == '\t') ++at_;
    if (peek() == '"') {
      for (++at_; peek() != '"'; ++at_) {
        if (peek() == '\\') ++at_;
        if (peek() == '\n') return false;
        subsection_ += peek();
      }
      ++at_;
    }
    if (peek() != ']') return false;
    ++at_;
    return true;
  }

  bool read_setting() {
    GitSetting setting{section_, subsection_, {}, "true"};
    for (; is_name(peek()); ++at_) setting.key += lower(peek());
    if (setting.key.empty() || section_.empty()) return false;
    while (peek() == ' ' || peek() == '\t' || peek() == '\r') ++at_;
    if (peek() == '=') {
      ++at_;
      if (!read_value(setting.value)) return false;
    } else if (peek() != '\n' && peek() != '#' && peek() != ';') {
      return false;
    }
    settings_.push_back(std::move(setting));
    return true;
  }

  // Blanks count only inside quotes or between other characters; a backslash at the end joins the next line.
  bool read_value(std::string& value) {
    value.clear();
    std::size_t kept = 0;
    bool quoted = false;
    for (;; ++at_) {
      const char c = peek();
      if (c == '\n') break;
      if (!quoted && (c == '#' || c == ';')) {
        skip_line();
        break;
      }
      if (c == '"') {
        quoted = !quoted;
        kept = value.size();
        continue;
      }
      if (c == '\\') {
        ++at_;
        if (text_.substr(at_).starts_with("\r\n")) ++at_;
        if (peek() == '\n') continue;
        if (!add_escaped(peek(), value)) return false;
      } else {
        const bool blank = c == ' ' || c == '\t' || c == '\r';
        if (blank && !quoted && value.empty()) continue;
        value += c;
        if (blank && !quoted) continue;
      }
      kept = value.size();
    }
    value.resize(kept);
    return !quoted;
  }

  static bool add_escaped(char c, std::string& value) {
    constexpr std::string_view kLetters = "ntb\\\"";
    constexpr std::string_view kMeanings = "\n\t\b\\\"";
    const auto which = kLetters.find(c);
    if (which == std::string_view::npos) return false;
    value += kMeanings[which];
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string section_;
  std::string subsection_;
  std::vector<GitSetting> settings_;
};

}  // namespace

Result<std::vector<GitSetting>> read_git_config(std::string_view text) {
  return ConfigReader(text).read();
}

std::optional<std::string> first_value(const std::vector<GitSetting>& settings, std::string_view section,
                                       std::string_view subsection, std::string_view key) {
  for (const GitSetting& setting : settings) {
    if (setting.section == section && setting.subsection == subsection && setting.key == key)
      return setting.value;
  }
  return std::nullopt;
}

}  // namespace pawprint::project
